// What the document says in words: what the API is, and what its parts are for.

export const introduction = `The API of Plumbline: whatever its pages and its command line show and set.

**Signing in.** A program sends an API key as \`Authorization: Bearer <key>\`; \`plumbline api-key create\` makes one. What a key may do are its scopes: read, write, ingest, admin. Pages use the cookie of a session.

**Lists** come in pages: pass \`next\` as \`from\` until it is null. A page begins behind the last row seen, whatever has come in front of it since.

**Errors** are problem details (RFC 9457): \`detail\` says what happened and what to do, \`errors\` what is wrong with each part of a request.

**Once.** A POST, PUT, PATCH or DELETE with an \`Idempotency-Key\` has its effect once, however often it is sent within a day.

**Budget.** A key or a person may make only so many requests in any minute; every answer says in \`RateLimit-Limit\` how many, and in \`RateLimit-Remaining\` what is left.`;

export const tagWords: Readonly<Record<string, string>> = {
  "API keys": "Keys of programs: their scopes, their end, and when they were used last.",
  "Audit log": "Who changed what, when and from where, and who used a secret.",
  Connections:
    "Who sends here: Pendo's webhooks and clients of the Analytics API; their addresses, secrets and settings.",
  Deliveries: "Everything that arrived, what became of it, and sending it through once more.",
  Facts: "What was recorded: events, NPS responses, poll responses.",
  Imports: "Organizations, accounts and users from CSV files.",
  Jobs: "What runs in the background, by a timetable.",
  Matching: "Whose is it: how Pendo's ids become external IDs, and applying that to what was recorded.",
  Members: "People of the workspace, what they may do, and their invitations.",
  Numbers: "What the pages show in numbers, and the search over everything.",
  Records: "Organizations, accounts and users.",
  Reports: "Pendo's reports whose columns become traits, and their runs.",
  "Signing in": "Sessions of people.",
  Traits: "Values on records, by name and source, with their history.",
  Workspaces: "Workspaces, and what holds for all of one.",
};

/** Of parameters that have the same meaning wherever they are. */
export const parameterWords: Readonly<Record<string, string>> = {
  id: "The id",
  limit: "The most items of a page",
  kind: "Only this kind",
  state: "Only those in this state",
  reason: "Only those with this reason",
  externalId: "Only the one with this external ID",
  level: "Whose traits",
  hierarchy: "Whether there would be organizations above accounts",
  reportId: "The report's id at Pendo",
  rows: "How many of the first rows to show",
};

export const errorWords: Readonly<Record<number, string>> = {
  400: "The request is not right: `errors` says what is wrong with it.",
  401: "Nobody is signed in, or the key is not valid.",
  403: "Whoever is signed in may not do this.",
  404: "There is no such thing in this workspace.",
  409: "What there is stands against it, or the same request is being worked on.",
  410: "It was there and has been deleted.",
  413: "The body is too large.",
  415: "The body is of another type than the one that is taken.",
  422: "The Idempotency-Key was used for another request.",
  429: "The budget of requests is spent: try again after `Retry-After` seconds.",
  500: "Something went wrong here; the log says more.",
  502: "Pendo answered with an error.",
  503: "The database or Pendo does not answer: try again in a moment.",
};
