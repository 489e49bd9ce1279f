import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../world/types.ts";
import { type PipelineTools, readPipeline } from "./read-pipeline.ts";
import { isObject } from "./read-shape.ts";

const visits: JsonObject[] = [
  { visitorId: "ada", accountId: "acme", n: 3, day: 1 },
  { visitorId: "bob", accountId: "acme", n: 1, day: 1 },
  { visitorId: "ada", accountId: "acme", n: 5, day: 2 },
  { visitorId: "_PENDO_T_x", accountId: "kudu", n: 2, day: 2 },
  { visitorId: "", accountId: "kudu", n: null, day: 2 },
];
const tools: PipelineTools = {
  now: 1000,
  appIds: [-323232],
  openSource: (settings) => ({
    rows: isObject(settings) && Array.isArray(settings.const) ? (structuredClone(settings.const) as JsonObject[]) : [],
    startTime: null,
  }),
  isKnownKind: (kind) => kind === "account",
  find: (_kind, id) => (id === "acme" ? { agent: { name: "Acme Corp" } } : undefined),
  findSegment: (id) => (id === "adas" ? ({ visitorId }) => visitorId === "ada" : undefined),
};
const run = (pipeline: Json) => [...readPipeline(pipeline, tools).rows];
const runOn = (rows: readonly JsonObject[], ...stages: Json[]) => run([{ source: { const: [...rows] } }, ...stages]);
const ids = (rows: readonly JsonObject[]) => rows.map(({ visitorId }) => visitorId);

describe("row by row", () => {
  test.each<[string, Json[], Json]>([
    ["identified", [{ identified: "visitorId" }], ["ada", "bob", "ada"]],
    ["not identified", [{ identified: "!visitorId" }], ["_PENDO_T_x", ""]],
    ["filter", [{ filter: "n > 1 && day == 2" }], ["ada", "_PENDO_T_x"]],
    ["filter in parts", [{ filter: { field: "visitorId", operator: "==", value: "bob" } }], ["bob"]],
    ["filter in parts, ordered", [{ filter: { field: "n", operator: ">=", value: 3 } }], ["ada", "ada"]],
    [
      "filter in parts, not",
      [{ filter: { field: "visitorId", operator: "!=", value: "ada" } }],
      ["bob", "_PENDO_T_x", ""],
    ],
    ["limit", [{ limit: 2 }], ["ada", "bob"]],
    ["limit 0", [{ limit: 0 }], []],
    ["limit beyond the end", [{ limit: 99 }], ["ada", "bob", "ada", "_PENDO_T_x", ""]],
    ["skip", [{ skip: 3 }], ["_PENDO_T_x", ""]],
    ["skip and limit", [{ skip: 1 }, { limit: 2 }], ["bob", "ada"]],
    ["segment", [{ segment: { id: "adas" } }], ["ada", "ada"]],
    ["cat", [{ cat: null }], ["ada", "bob", "ada", "_PENDO_T_x", ""]],
    ["sort", [{ sort: ["visitorId", "-n"] }], ["", "_PENDO_T_x", "ada", "ada", "bob"]],
    ["sort, nothing first", [{ sort: ["n"] }, { limit: 2 }], ["", "bob"]],
    ["sort downwards", [{ sort: ["-n"] }, { limit: 2 }], ["ada", "ada"]],
  ])("%s", (_name, stages, expected) => {
    expect(ids(runOn(visits, ...stages))).toEqual(expected);
  });

  test("text has the same order in sort and filter, by code points", () => {
    const rows = ["\u{1f600}", "\uffee", "Z", "a", "\ue000", "é"].map((visitorId) => ({ visitorId }));
    const sorted = ["Z", "a", "é", "\ue000", "\uffee", "\u{1f600}"];
    expect(ids(runOn(rows, { sort: ["visitorId"] }))).toEqual(sorted);
    for (const [place, last] of sorted.entries())
      expect(ids(runOn(rows, { filter: `visitorId > "${last}"` }, { sort: ["visitorId"] }))).toEqual(
        sorted.slice(place + 1),
      );
  });

  test("select makes new rows, eval adds to them", () => {
    expect(runOn(visits.slice(0, 1), { select: { who: "visitorId", "deep.twice": "n * 2", date: "now()" } })).toEqual([
      { who: "ada", deep: { twice: 6 }, date: 1000 },
    ]);
    expect(runOn(visits.slice(0, 1), { eval: { "o.n": "n", "o.d": "day", visitorId: "accountId" } })).toEqual([
      { visitorId: "acme", accountId: "acme", n: 3, day: 1, o: { n: 3, d: 1 } },
    ]);
  });

  test("unwind gives a row per entry, and keeps rows without entries only if asked", () => {
    const rows = [{ id: 1, polls: [{ id: "a" }, { id: "b" }] }, { id: 2, polls: [] }, { id: 3 }];
    expect(runOn(rows, { unwind: { field: "polls" } }, { select: { id: "id", poll: "polls.id" } })).toEqual([
      { id: 1, poll: "a" },
      { id: 1, poll: "b" },
    ]);
    expect(runOn(rows, { unwind: { field: "polls", keepEmpty: true, index: "place" } }).slice(1)).toEqual([
      { id: 1, polls: { id: "b" }, place: 1 },
      { id: 2, polls: null },
      { id: 3, polls: null },
    ]);
  });

  test("bulkExpand puts what is known under a name", () => {
    const rows = runOn(
      visits,
      { bulkExpand: { account: { account: "accountId" } } },
      { eval: { name: "account.agent.name" } },
    );
    expect(rows.map(({ name }) => name)).toEqual(["Acme Corp", "Acme Corp", "Acme Corp", null, null]);
    expect(runOn(visits.slice(0, 1), { expand: { a: { account: "accountId" } } })).toMatchObject([
      { a: { agent: { name: "Acme Corp" } } },
    ]);
  });
});

describe("tables", () => {
  test("group counts and adds up, in the order of the first rows", () => {
    const fields = [{ n: { sum: "n" } }, { rows: { count: null } }, { days: { count: "day" } }, { all: { list: "n" } }];
    expect(runOn(visits, { group: { group: ["accountId"], fields } })).toEqual([
      { accountId: "acme", n: 9, rows: 3, days: 2, all: [3, 1, 5] },
      { accountId: "kudu", n: 2, rows: 2, days: 1, all: [2, null] },
    ]);
    expect(runOn(visits, { group: { group: ["visitorId", "accountId"] } })).toHaveLength(4);
    expect(runOn([{ a: { b: 1 } }], { group: { group: ["a.b"], fields: { n: { count: null } } } })).toEqual([
      { a: { b: 1 }, n: 1 },
    ]);
  });

  test.each<[string, Json, Json]>([
    ["count of rows", { count: null }, 5],
    ["count of values", { count: "visitorId" }, 4],
    ["count without nothing", { count: "n" }, 4],
    ["count of combinations", { count: ["visitorId", "day"] }, 5],
    ["countIf", { countIf: { count: "visitorId", if: "day == 2" } }, 3],
    ["countIf of rows", { countIf: { count: null, if: "day == 2" } }, 3],
    ["sum", { sum: "n" }, 11],
    ["sum of an expression", { sum: "n * 10" }, 110],
    ["min", { min: "n" }, 1],
    ["max", { max: "n" }, 5],
    ["max of text", { max: "accountId" }, "kudu"],
    ["avg", { avg: "n" }, 2.75],
    ["mean", { mean: "n" }, 2.75],
    ["median", { median: "n" }, 2.5],
    ["var", { var: "n" }, 2.1875],
    ["stddev", { stddev: "n" }, Math.sqrt(2.1875)],
    ["first", { first: "n" }, 3],
    ["first that is something", { first: "missing" }, null],
    ["listIf", { listIf: { list: "n", if: "day == 1" } }, [3, 1]],
    ["concat", { concat: "list(n, n)" }, [3, 3, 1, 1, 5, 5, 2, 2, null, null]],
    ["percentiles", { percentiles: { field: "n", low: 0, middle: 50, high: 100 } }, { low: 1, middle: 2.5, high: 5 }],
  ])("reduce by %s", (_name, aggregator, expected) => {
    expect(runOn(visits, { reduce: { x: aggregator } })).toEqual([{ x: expected }]);
    expect(runOn(visits, { reduce: [{ x: aggregator }] })).toEqual([{ x: expected }]);
  });

  test("nothing is reduced to one row, and counted", () => {
    const fields = { n: { count: null }, s: { sum: "n" }, m: { max: "n" }, a: { avg: "n" }, l: { list: "n" } };
    expect(runOn([], { reduce: fields })).toEqual([{ n: 0, s: 0, m: null, a: null, l: [] }]);
    expect(runOn([], { count: null })).toEqual([{ count: 0 }]);
    expect(runOn(visits, { count: null })).toEqual([{ count: 5 }]);
    expect(runOn([], { group: { group: ["a"], fields } })).toEqual([]);
  });

  test("spawn and join put rows of several sources together, also those without a partner", () => {
    const scores = [
      { visitorId: "ada", score: 9 },
      { visitorId: "bob", score: 0 },
    ];
    const reasons = [
      { visitorId: "ada", reason: "good" },
      { visitorId: "eve", reason: "?" },
    ];
    const spawn = [[{ source: { const: scores } }, { cat: null }], [{ source: { const: reasons } }]];
    expect(run([{ spawn }, { join: { fields: ["visitorId"], width: 2 } }, { sort: ["visitorId"] }])).toEqual([
      { visitorId: "ada", score: 9, reason: "good" },
      { visitorId: "bob", score: 0 },
      { visitorId: "eve", reason: "?" },
    ]);
    expect(run([{ spawn }])).toHaveLength(4);
  });

  test("fork sends all rows through each branch", () => {
    const fork = [
      [{ group: { group: ["visitorId"], fields: { most: { max: "n" } } } }],
      [{ group: { group: ["visitorId"], fields: { least: { min: "n" } } } }],
    ];
    const rows = runOn(visits, { fork }, { join: { fields: ["visitorId"], width: 2 } });
    expect(rows[0]).toEqual({ visitorId: "ada", most: 5, least: 3 });
  });

  test("merge adds fields of another pipeline", () => {
    const pipeline = [{ source: { const: [{ visitorId: "ada", role: { name: "admin" } }] } }];
    const merge = { fields: ["visitorId"], mappings: { is: "role.name" }, pipeline };
    expect(runOn(visits.slice(0, 2), { merge }, { select: { v: "visitorId", is: "is" } })).toEqual([
      { v: "ada", is: "admin" },
      { v: "bob", is: null },
    ]);
  });
});

test("a stage that writes changes no row of the source", () => {
  const shared = { a: { b: 1 } };
  const rows = [
    ...readPipeline([{ source: { shared: null } }, { eval: { "a.b": "2", "a.c": "3" } }], {
      ...tools,
      openSource: () => ({ rows: [{ ...shared }], startTime: null }),
    }).rows,
  ];
  expect(rows).toEqual([{ a: { b: 2, c: 3 } }]);
  expect(shared).toEqual({ a: { b: 1 } });
});

describe("refused with 400", () => {
  const source = { source: { const: [] } };
  test.each<[string, Json, string]>([
    ["no list", { source: null }, "pipeline must be a list"],
    ["nothing", [], "must be a source"],
    ["no source", [{ limit: 1 }], "must be a source"],
    ["two sources", [source, source], "only a single source is allowed"],
    ["an unknown operator", [source, { explode: null }], "unknown operator explode"],
    ["an inherited name", [source, { constructor: null }], "unknown operator constructor"],
    ["two operators in a stage", [source, { limit: 1, skip: 1 }], "one operator"],
    ["a stage that is no object", [source, "limit"], "must be an object"],
    ["a bad filter", [source, { filter: "a = 1" }], 'Cannot parse filter expression "a = 1"'],
    ["a filter that is no text", [source, { filter: null }], "filter must be a string"],
    ["a bad select", [source, { select: { a: "(" } }], "Cannot parse select expression"],
    ["a bad aggregator", [source, { reduce: { a: { sum: "(" } } }], "Cannot parse aggregator expression"],
    [
      "an unknown aggregator",
      [source, { group: { group: ["a"], fields: { x: { total: "n" } } } }],
      "unknown aggregator total",
    ],
    ["two aggregators", [source, { reduce: { a: { sum: "n", max: "n" } } }], "one aggregator"],
    ["a negative limit", [source, { limit: -1 }], "limit must be a whole number"],
    ["a limit as text", [source, { limit: "10" }], "limit must be a whole number"],
    ["an unknown segment", [source, { segment: { id: "nobody" } }], "unknown segment nobody"],
    ["an unknown kind to expand", [source, { bulkExpand: { a: { planet: "x" } } }], "bulkExpand.a must name one of"],
    ["a bad pipeline in a merge", [source, { merge: { fields: ["a"], pipeline: [] } }], "must be a source"],
    ["a bad branch", [{ spawn: [[{ limit: 1 }]] }], "must be a source"],
    ["a sort that is no list", [source, { sort: "visitorId" }], "sort must be a list"],
  ])("%s", (_name, pipeline, message) => {
    expect(() => readPipeline(pipeline, tools)).toThrow(message);
  });
});
