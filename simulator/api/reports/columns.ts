import type { Json } from "../../world/types.ts";
import type { Cell, Column } from "./report.ts";

/** Epoch milliseconds. */
const start = Date.UTC(2024, 0, 1);
const day = 24 * 3_600_000;
const owners = ["Ada Lovelace", "Jürgen Müller", 'Siobhán "Shiv" O\'Brien', "山田 太郎", "Noor, Haddad", ""];
const words = ["größe", "会社", "مرحبا", "🙂👩‍👩‍👧", "e\u0301", "ÅNGSTRÖM", "ﬁ", "İstanbul", "new\nline", "tab\there"];

function pick<T>(list: readonly T[], draw: (limit: number) => number): T {
  return list[draw(list.length)]!;
}

export const accountColumns: readonly Column[] = [
  { field: "account_agent_name", make: ({ row }) => `Company ${row}` },
  { field: "plan", make: ({ draw }) => pick(["free", "team", "business", "enterprise"], draw) },
  { field: "seats", make: ({ draw }) => draw(500) },
  { field: "owner", make: ({ draw }) => pick(owners, draw) },
  { field: "renewalDate", make: ({ draw }) => new Date(start + draw(1000) * day).toISOString().slice(0, 10) },
  { field: "isTrial", make: ({ draw }) => draw(7) === 0 },
  { field: "daysActive", make: ({ drawChanging }) => drawChanging(31) },
  { field: "numEvents", make: ({ drawChanging }) => drawChanging(100_000) },
  { field: "healthScore", make: ({ drawChanging }) => drawChanging(1001) / 10 },
  { field: "lastvisit", make: ({ drawChanging }) => start + drawChanging(1000) * day },
];

export const visitorColumns: readonly Column[] = [
  { field: "visitor_agent_email", make: ({ row, draw }) => (draw(20) === 0 ? null : `person${row}@example.com`) },
  { field: "role", make: ({ draw }) => pick(["admin", "editor", "viewer"], draw) },
  { field: "firstvisit", make: ({ draw }) => start - draw(500) * day },
  { field: "daysActive", make: ({ drawChanging }) => drawChanging(31) },
  { field: "numMinutes", make: ({ drawChanging }) => drawChanging(3000) },
  { field: "lastvisit", make: ({ drawChanging }) => start + drawChanging(1000) * day },
];

export function wideColumns(count: number): Column[] {
  return Array.from({ length: count }, (_, place) => ({
    field: `feature_${String(place).padStart(3, "0")}_numEvents`,
    make: ({ draw }: Cell) => (draw(4) === 0 ? null : draw(1000)),
  }));
}

/** What people type into a field that another system thinks it knows the type of. */
const numbersOfAKind: readonly Json[] = [
  12,
  "12",
  "1,234.5",
  "1.234,5",
  12.75,
  "n/a",
  true,
  null,
  "",
  -0.5,
  "1e3",
  [3],
];
const datesOfAKind: readonly Json[] = [
  1_700_000_000_000,
  1_700_000_000,
  "2026-11-20",
  "20.11.2026",
  "11/20/2026",
  "2026-11-20T15:00:00+09:00",
  "soon",
  0,
  null,
];
const truthsOfAKind: readonly Json[] = [true, false, "true", "No", 1, 0, "yes", null];

export const mixedTypes: readonly Column[] = [
  { field: "seats", make: ({ draw }) => pick(numbersOfAKind, draw) },
  { field: "renewalDate", make: ({ draw }) => pick(datesOfAKind, draw) },
  { field: "isTrial", make: ({ draw }) => pick(truthsOfAKind, draw) },
  { field: "tags", make: ({ draw }) => pick<Json>([[], ["a"], ["a", "b,c"], "a;b", null, { a: 1 }], draw) },
  { field: "huge", make: ({ draw }) => pick<Json>([9_007_199_254_740_991, 1e21, 1e-9, "90071992547409931234"], draw) },
];

export const unicodeColumns: readonly Column[] = [
  { field: "Größe", make: ({ draw }) => pick(words, draw) },
  { field: "会社", make: ({ draw }) => pick(words, draw) },
  { field: "Name, with comma", make: ({ draw }) => pick(owners, draw) },
  { field: 'with "quotes"', make: ({ draw }) => draw(100) },
  { field: "🙂", make: ({ draw }) => pick(words, draw) },
  { field: "=1+1", make: ({ draw }) => pick(["=1+1", "+cmd|' /C calc'!A0", "@sum(1)", "-1"], draw) },
  { field: "", make: ({ draw }) => draw(10) },
];

export const emptyCells: readonly Column[] = [
  { field: "sometimesMissing", make: ({ draw }) => (draw(3) === 0 ? undefined : draw(100)) },
  { field: "sometimesNull", make: ({ draw }) => (draw(3) === 0 ? null : draw(100)) },
  { field: "sometimesBlank", make: ({ draw }) => pick(["", " ", "\u00a0", "text"], draw) },
  { field: "alwaysNull", make: () => null },
  { field: "alwaysBlank", make: () => "" },
];
