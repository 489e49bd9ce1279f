type Row = { id: string };

/** Rows that are not shown yet. `isMore`: none of what is shown is among the newest, so there may be more of them. */
export type News = { count: number; isMore: boolean };

/** What a newer first page has that the shown one has not; undefined: the same rows in the same places. */
export function compareRows(shown: readonly Row[], newest: readonly Row[]): News | undefined {
  if (shown.length === newest.length && shown.every(({ id }, place) => id === newest[place]?.id)) return undefined;
  const known = new Set(shown.map(({ id }) => id));
  const count = newest.filter(({ id }) => !known.has(id)).length;
  return { count, isMore: shown.length > 0 && count > 0 && count === newest.length };
}

/** "12 new – show". Rows can also change their places, or be gone. */
export function sayNews({ count, isMore }: News): string {
  if (count === 0) return "Changed – show";
  return `${isMore ? "More than " : ""}${count} new – show`;
}
