import { expect, test } from "vitest";
import type { JsonObject } from "../../platform/json.ts";
import { readListedReport } from "./list-reports.ts";

const now = new Date("2026-11-20T15:00:00Z");
const read = (entry: JsonObject) => readListedReport(entry, now)[0];

test("a report as Pendo is known to list it", () => {
  expect(
    read({
      id: "abc",
      kind: "Report",
      name: "Account health",
      type: "Account Report",
      level: "account",
      scope: "public",
      shared: true,
      lastRunAt: 1_763_600_000_000,
      definition: { pipeline: [{ source: { accounts: null } }] },
      aggregationList: [],
    }),
  ).toEqual({
    id: "abc",
    name: "Account health",
    type: "Account Report",
    level: "account",
    scope: "public",
    isShared: true,
    lastRunAt: new Date(1_763_600_000_000),
    isSyncable: true,
    whyNot: null,
  });
});

test("what is missing or of another shape is not known, and breaks nothing", () => {
  const unknown = {
    type: null,
    level: null,
    scope: null,
    isShared: true,
    lastRunAt: null,
    isSyncable: true,
    whyNot: null,
  };
  expect(read({ id: "abc" })).toEqual({ id: "abc", name: "abc", ...unknown });
  expect(read({ id: 7, name: { de: "x" }, type: ["x"], level: 5, scope: {}, shared: null, lastRunAt: "soon" })).toEqual(
    { id: "7", name: "7", ...unknown },
  );
});

test.each<JsonObject>([{}, { id: null }, { id: " " }, { id: {} }, { name: "no id" }])(
  "%j cannot be asked for",
  (entry) => {
    expect(readListedReport(entry, now)).toEqual([]);
  },
);

test.each<[JsonObject, string | null]>([
  [{ level: "visitor" }, "visitor"],
  [{ level: "Accounts" }, "account"],
  [{ level: "", type: "Visitor Report" }, "visitor"],
  [{ type: "Account Report" }, "account"],
  [{ level: "app", type: "Feature Report" }, null],
])("%j is about %s", (entry, level) => expect(read({ id: "a", ...entry })!.level).toBe(level));

test.each<[JsonObject, boolean]>([
  [{ shared: true, scope: "private" }, true],
  [{ shared: false, scope: "public" }, false],
  [{ shared: "false" }, false],
  [{ scope: "private" }, false],
  [{ scope: "me" }, false],
  [{ scope: "public" }, true],
  [{ scope: "everyone" }, true],
])("%j: shared is %s", (entry, isShared) => {
  const report = read({ id: "a", ...entry })!;
  expect(report.isShared).toBe(isShared);
  expect(report.isSyncable).toBe(isShared);
  if (!isShared) expect(report.whyNot).toMatch(/not shared: share it in Pendo/);
});

test.each(["Funnel", "Path", "Paths", "Retention", "Data Explorer", "data-explorer", "dataExplorer", "Workflow"])(
  "%s is listed, with the reason why it cannot be synced",
  (type) => {
    const report = read({ id: "a", name: "x", type, shared: false })!;
    expect(report).toMatchObject({ name: "x", isSyncable: false });
    expect(report.whyNot).toMatch(/^Pendo does not give the rows of .*only visitor and account reports/);
  },
);

test.each<[JsonObject, string | null]>([
  [{ lastRunAt: 1_763_600_000 }, "2025-11-20T00:53:20.000Z"],
  [{ lastRunAt: "2026-11-19T10:00:00Z" }, "2026-11-19T10:00:00.000Z"],
  [{ lastSuccessRunAt: "2026-11-19" }, "2026-11-19T00:00:00.000Z"],
  [{ lastRunAt: 0, lastSuccessRunAt: 1_763_600_000_000 }, "2025-11-20T00:53:20.000Z"],
  [{ lastRunAt: 0 }, null],
  [{ lastRunAt: 95_617_584_000_000 }, null],
])("%j ran last at %s", (entry, at) => {
  expect(read({ id: "a", ...entry })!.lastRunAt?.toISOString() ?? null).toBe(at);
});
