// What Pendo sends, and how often each kind is sent here unless the user says otherwise.

/** Kinds of which a world has only so many: nobody is seen for the first time twice, or asked twice in a wave. */
const limitedKinds = ["visitorCreated", "accountCreated", "npsDisplayed", "npsSubmitted"] as const;
const freeKinds = [
  "trackEventReceived",
  "guideDisplayed",
  "pollDisplayed",
  "pollSubmitted",
  "ping",
  "pageLoaded",
  "featureClicked",
] as const;
/** Offered by Pendo under names nobody has published: these stand for all that a receiver does not know. */
const unknownKinds = ["pageLoaded", "featureClicked"] as const;

export type LimitedKind = (typeof limitedKinds)[number];
export type FreeKind = (typeof freeKinds)[number];
export type UnknownKind = (typeof unknownKinds)[number];
export type Kind = LimitedKind | FreeKind;
export const kinds: readonly Kind[] = [...limitedKinds, ...freeKinds];

export type Mix = Partial<Record<Kind, number>>;

export const defaultMix: Mix = {
  trackEventReceived: 38,
  guideDisplayed: 21,
  pollDisplayed: 9,
  pollSubmitted: 10,
  npsDisplayed: 8,
  npsSubmitted: 7,
  visitorCreated: 2.5,
  accountCreated: 0.5,
  ping: 0.5,
  pageLoaded: 1.75,
  featureClicked: 1.75,
};

export function isKind(name: string): name is Kind {
  return (kinds as readonly string[]).includes(name);
}

export function isUnknownKind(kind: Kind): kind is UnknownKind {
  return (unknownKinds as readonly string[]).includes(kind);
}

export function isLimitedKind(kind: Kind): kind is LimitedKind {
  return (limitedKinds as readonly string[]).includes(kind);
}
