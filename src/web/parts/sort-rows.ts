type Cell = string | number | null | undefined;

const texts = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Of a list that is here whole. What has no value stands at the end, whichever way. */
export function sortRows<Row>(rows: readonly Row[], read: (row: Row) => Cell, isDescending: boolean): Row[] {
  const turn = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [read(one) ?? null, read(other) ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return turn * (typeof a === "number" && typeof b === "number" ? a - b : texts.compare(String(a), String(b)));
  });
}
