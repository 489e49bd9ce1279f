// What a step can end in, as values. A thrown error means: try again, or, when the item stands alone, it is poison.

export type DeliveryState =
  | "waiting"
  | "recorded"
  | "duplicate"
  | "filtered"
  | "held"
  | "parked"
  | "failed"
  | "refused";
export const deliveryStates: readonly DeliveryState[] = [
  "waiting",
  "recorded",
  "duplicate",
  "filtered",
  "held",
  "parked",
  "failed",
  "refused",
];

/** Why a delivery is in its state, in a sentence for the person who looks at it. */
export const reasons = {
  "test-message": "Pendo's test message: the address works. Nothing is recorded.",
  "unknown-kind": "Plumbline does not know this kind of event. It is kept, and can be recorded as a plain event.",
  "kind-switched-off": "This kind of event, or type of message, is switched off for the connection.",
  "anonymous-visitor":
    "Its visitor is not signed in: the id is Pendo's own, or says nobody. The connection does not record what such visitors do.",
  "sample-taken-out": "It was a sample, and what samples made was taken out again.",
  "discarded-while-off": "It arrived while the connection was off and was discarded by a person.",
  "already-recorded": "The same event was recorded before, from another delivery.",
  "connection-off": "It arrived while the connection was off.",
  "no-such-user": "No user has this external ID, and the connection only links to existing records.",
  "no-such-account": "No account has this external ID, and the connection only links to existing records.",
  "no-such-organization": "No organization has this external ID, and the connection only links to existing records.",
  "user-without-account":
    "The user is in no account or organization, and the message names none. It goes on by itself as soon as the user is linked to one.",
  "identity-wanted":
    "Pendo is being asked what this visitor or account is called here. It goes on by itself when the answer is there.",
  "field-empty-for-visitor":
    "The metadata field that holds the user's external ID is empty for this visitor. Pendo is asked again by itself.",
  "field-empty-for-account":
    "The metadata field that holds the external ID is empty for this account. Pendo is asked again by itself.",
  "visitor-unknown-to-pendo":
    "Pendo's API does not know this visitor, or not yet: new ones turn up late. It is asked again by itself.",
  "account-unknown-to-pendo":
    "Pendo's API does not know this account, or not yet: new ones turn up late. It is asked again by itself.",
  "visitor-refused-by-pendo": "Pendo takes no question about this visitor's id. It is asked again by itself.",
  "account-refused-by-pendo": "Pendo takes no question about this account's id. It is asked again by itself.",
  "key-missing": "The connection has no integration key, so Pendo cannot be asked whose it is. Set one.",
  "key-unreadable":
    "The connection's integration key cannot be used, so Pendo cannot be asked whose it is. Set it anew.",
  "key-refused": "Pendo refuses the connection's integration key, so it cannot be asked whose it is. Set a valid one.",
  "wrong-region":
    "The integration key belongs to another region than the connection, so Pendo cannot be asked whose it is. Set the region.",
  "pendo-not-reachable":
    "Pendo's API cannot be reached, so it cannot be asked whose it is. It is tried again by itself.",
  "pendo-in-trouble":
    "Pendo's API does not answer as it should, so it cannot be asked whose it is. It is tried again by itself.",
  "question-refused": "Pendo refuses the question whose it is. It is tried again by itself; check the mapping's field.",
  "id-unusable":
    "An id in it cannot be kept exactly (too long, or with characters that no database can store), so it could end up on the wrong record.",
  "unknown-type":
    "The Analytics API has messages of the types organization, account, user, track and unlink. It is kept, not recorded.",
  "message-unusable": "The message lacks what its type needs.",
  "score-unreadable": "The NPS score is not a whole number from 0 to 10.",
  "nothing-answered": "It carries neither a score nor a reason.",
  "body-deleted": "The raw body has been deleted, so it cannot be processed again.",
  "not-recordable": "It could not be recorded.",
  "not-json": "The body is not valid JSON.",
  "not-an-object": "The body is JSON, but neither an object nor a list of objects.",
  "not-a-message": "The endpoint takes one message: a JSON object. Several together go to the endpoint batch.",
  "not-a-batch": "The endpoint batch takes a JSON list of 1 to 100 messages.",
  "too-deep": "The body is nested too deeply.",
  "too-large": "The body is larger than the limit.",
  "signature-missing": "The connection has a secret, but the request carried no signature.",
  "signature-wrong": "The signature does not belong to this body and any valid secret of the connection.",
} as const;

export type Reason = keyof typeof reasons;

/** Reasons to be parked that another mapping may end. */
export const matchReasons: readonly Reason[] = [
  "no-such-user",
  "no-such-account",
  "no-such-organization",
  "identity-wanted",
  "field-empty-for-visitor",
  "field-empty-for-account",
  "visitor-unknown-to-pendo",
  "account-unknown-to-pendo",
  "visitor-refused-by-pendo",
  "account-refused-by-pendo",
];

/** Those of them that end when Pendo says something else. */
export const identityReasons: readonly Reason[] = matchReasons.filter((reason) => !reason.startsWith("no-such-"));

export type Drop = { outcome: "drop"; reason: Reason };
export type Park = { outcome: "park"; reason: Reason; detail?: string };
export type Fail = { outcome: "fail"; reason: Reason; detail?: string };
export type Ok<T> = { outcome: "ok"; value: T };
export type Outcome<T> = Ok<T> | Drop | Park | Fail;

export const ok = <T>(value: T): Ok<T> => ({ outcome: "ok", value });
export const drop = (reason: Reason): Drop => ({ outcome: "drop", reason });
export const park = (reason: Reason, detail?: string): Park => ({ outcome: "park", reason, ...(detail && { detail }) });
export const fail = (reason: Reason, detail?: string): Fail => ({ outcome: "fail", reason, ...(detail && { detail }) });
