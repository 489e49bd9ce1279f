// What Pendo calls the kinds of questions, in words.
const words: Record<string, string> = {
  PickList: "Choice",
  NumberScale: "Scale",
  NPSRating: "Scale",
  YesNo: "Yes or no",
  PositiveNegative: "Positive or negative",
  FreeForm: "Own words",
  NPSReason: "Own words",
};
/** Their answers may come as numbers that count nothing. */
const withoutAverage = new Set(["PickList", "YesNo", "PositiveNegative"]);

/** A kind that nobody here knows by what Pendo calls it. */
export function nameKind(pollType: string | null): string {
  return pollType === null ? "–" : (words[pollType] ?? pollType);
}

export function hasAverage(pollType: string | null): boolean {
  return pollType === null || !withoutAverage.has(pollType);
}
