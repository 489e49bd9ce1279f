// What kinds of events are called on the pages, and what becomes of them. A kind that is not here is shown by its own name.
type Known = { kind: string; name: string; pendoName: string; becomes: string };

/** In the order of Pendo's page; a test message can be sent from there, and need not be ticked. */
export const knownKinds: readonly Known[] = [
  {
    kind: "trackEventReceived",
    name: "Track event",
    pendoName: "Track Received",
    becomes: "an event under its own name",
  },
  {
    kind: "guideDisplayed",
    name: "Guide displayed",
    pendoName: "Guide Displayed",
    becomes: "an event with guide and step",
  },
  { kind: "pollDisplayed", name: "Poll displayed", pendoName: "Poll Displayed", becomes: "an event" },
  {
    kind: "pollSubmitted",
    name: "Poll submitted",
    pendoName: "Poll Submitted",
    becomes: "an event, and a poll response for each answer",
  },
  { kind: "npsDisplayed", name: "NPS displayed", pendoName: "NPS Displayed", becomes: "an event" },
  { kind: "npsSubmitted", name: "NPS submitted", pendoName: "NPS Submitted", becomes: "an NPS response" },
  { kind: "visitorCreated", name: "Visitor created", pendoName: "Visitor Created", becomes: "an event, and the user" },
  {
    kind: "accountCreated",
    name: "Account created",
    pendoName: "Account Created",
    becomes: "an event, and the account",
  },
];

const names = new Map([
  ...knownKinds.map(({ kind, name }) => [kind, name] as const),
  ["ping", "Test message"] as const,
]);

export function nameKind(kind: string | null): string {
  return kind === null ? "–" : (names.get(kind) ?? kind);
}

export const pendoKinds: readonly string[] = [...names.keys()];
