// What kinds of events are called on the pages. A kind that is not here is shown by its own name.
const names: Record<string, string> = {
  trackEventReceived: "Track event",
  guideDisplayed: "Guide displayed",
  pollDisplayed: "Poll displayed",
  pollSubmitted: "Poll submitted",
  npsDisplayed: "NPS displayed",
  npsSubmitted: "NPS submitted",
  visitorCreated: "Visitor created",
  accountCreated: "Account created",
  ping: "Test message",
};

export function nameKind(kind: string | null): string {
  return kind === null ? "–" : (names[kind] ?? kind);
}

/** Those that Pendo's page offers to tick. */
export const pendoKinds: readonly string[] = Object.keys(names);
