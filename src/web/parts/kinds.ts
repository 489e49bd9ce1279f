// What kinds of events are called in lists and timelines. A kind that is not here is shown by its own name. What becomes of each
// the API says (`/connections/{id}/live`).
const names: ReadonlyMap<string, string> = new Map([
  ["trackEventReceived", "Track event"],
  ["guideDisplayed", "Guide displayed"],
  ["pollDisplayed", "Poll displayed"],
  ["pollSubmitted", "Poll submitted"],
  ["npsDisplayed", "NPS displayed"],
  ["npsSubmitted", "NPS submitted"],
  ["visitorCreated", "Visitor created"],
  ["accountCreated", "Account created"],
  ["ping", "Test message"],
]);

export function nameKind(kind: string | null): string {
  return kind === null ? "–" : (names.get(kind) ?? kind);
}

export const namedKinds: readonly string[] = [...names.keys()];
