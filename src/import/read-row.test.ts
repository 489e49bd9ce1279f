import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../test/support/corpora.ts";
import { isNobody } from "../pendo/read-id.ts";
import type { RecordKind, TraitType } from "../pipeline/records.ts";
import { chooseColumns } from "./read-columns.ts";
import { createRowReader } from "./read-row.ts";

function read(kind: RecordKind, row: Record<string, string>, asText: string[] = []) {
  return createRowReader(
    kind,
    chooseColumns(kind, Object.keys(row)),
    new Map(asText.map((name) => [name, "text" as const])),
  )(Object.values(row));
}

const said = (kind: RecordKind, row: Record<string, string>) => {
  const reading = read(kind, { id: "x", ...row });
  return "said" in reading ? reading.said : reading.reason;
};

describe("what a row says", () => {
  test.each<[RecordKind, Record<string, string>, object]>([
    ["user", {}, {}],
    ["user", { name: "Jo", email: "jo@acme.example" }, { name: "Jo", email: "jo@acme.example" }],
    ["user", { name: " Jo\u00a0", email: "\tjo@acme.example " }, { name: "Jo", email: "jo@acme.example" }],
    ["user", { name: "", email: "  " }, {}],
    ["user", { name: "null", email: "null" }, { name: null, email: null }],
    ["user", { name: "Null", email: "NULL" }, { name: "Null", email: "NULL" }],
    ["user", { account: "a-1" }, { accounts: ["a-1"] }],
    ["user", { account: " a-1 " }, { accounts: [" a-1 "] }],
    ["user", { account_ids: "a-1;a-2; a-3 ;" }, { accounts: ["a-1", "a-2", "a-3"] }],
    ["user", { account_ids: '["a;1"," a-2","7"]' }, { accounts: ["a;1", " a-2", "7"] }],
    ["user", { account_ids: "[12345678901234567890,7]" }, { accounts: ["12345678901234567890", "7"] }],
    ["user", { account_ids: "[]" }, { accounts: [] }],
    ["user", { account_ids: "[a" }, { accounts: ["[a"] }],
    ["user", { account: "a-1;a-1" }, { accounts: ["a-1"] }],
    ["user", { organization: "o-1;o-2" }, { organizations: ["o-1", "o-2"] }],
    ["user", { account: "", organization: "" }, {}],
    ["account", { organization: "o-1" }, { organization: "o-1" }],
    ["account", { organization: "o;1" }, { organization: "o;1" }],
    ["account", { organization: " o-1" }, { organization: " o-1" }],
    ["account", { organization: "null" }, { organization: null }],
    ["account", { organization: "" }, {}],
  ])("%s %j", (kind, row, expected) => {
    expect(said(kind, row)).toEqual({ externalId: "x", traits: [], ...expected });
  });

  test.each<[string, object]>([
    ["0", { type: "number", value: 0 }],
    ["42", { type: "number", value: 42 }],
    ["-1.50", { type: "number", value: -1.5 }],
    [" 7 ", { type: "number", value: 7 }],
    ["123456789012345", { type: "number", value: 123456789012345 }],
    ["1234567890123456", { type: "text", value: "1234567890123456" }],
    ["0.1234567890123456", { type: "text", value: "0.1234567890123456" }],
    ["007", { type: "text", value: "007" }],
    ["+49", { type: "text", value: "+49" }],
    ["1,5", { type: "text", value: "1,5" }],
    ["1.000,50", { type: "text", value: "1.000,50" }],
    ["1e3", { type: "text", value: "1e3" }],
    ["0x10", { type: "text", value: "0x10" }],
    [".5", { type: "text", value: ".5" }],
    ["5.", { type: "text", value: "5." }],
    ["１", { type: "text", value: "１" }],
    ["NaN", { type: "text", value: "NaN" }],
    ["Infinity", { type: "text", value: "Infinity" }],
    ["true", { type: "yes-no", value: true }],
    ["TRUE", { type: "yes-no", value: true }],
    ["yes", { type: "yes-no", value: true }],
    ["No", { type: "yes-no", value: false }],
    ["FALSE", { type: "yes-no", value: false }],
    ["y", { type: "text", value: "y" }],
    ["2026-03-31", { type: "date", value: "2026-03-31" }],
    ["2026-03-31T14:00:00+02:00", { type: "date", value: "2026-03-31T12:00:00.000Z" }],
    ["2026-03-31 14:00", { type: "date", value: "2026-03-31T14:00:00.000Z" }],
    ["2026-02-30", { type: "text", value: "2026-02-30" }],
    ["31.3.2026", { type: "text", value: "31.3.2026" }],
    ["2026", { type: "number", value: 2026 }],
    ['["a","b"]', { type: "list", value: ["a", "b"] }],
    ["[1,2]", { type: "list", value: [1, 2] }],
    ["[]", { type: "list", value: [] }],
    ['["a",null]', { type: "text", value: '["a",null]' }],
    ['[["a"]]', { type: "text", value: '[["a"]]' }],
    ["[a]", { type: "text", value: "[a]" }],
    ['{"a":1}', { type: "text", value: '{"a":1}' }],
    ["a;b", { type: "text", value: "a;b" }],
    [" Acme  Inc ", { type: "text", value: "Acme  Inc" }],
    ["=1+1", { type: "text", value: "=1+1" }],
    ["undefined", { type: "text", value: "undefined" }],
    ["[object Object]", { type: "text", value: "[object Object]" }],
  ])("the value %j", (cell, typed) => {
    expect(said("user", { plan: cell })).toEqual({ externalId: "x", traits: [{ name: "plan", ...typed }] });
  });

  test("an empty value says nothing, null takes it away", () => {
    expect(said("user", { plan: "" })).toMatchObject({ traits: [] });
    expect(said("user", { plan: " \u00a0" })).toMatchObject({ traits: [] });
    expect(said("user", { plan: " null " })).toMatchObject({ traits: [{ name: "plan", type: null, value: null }] });
  });

  test("a column of texts stays one", () => {
    const reading = read("user", { id: "x", version: "1.10", n: "1.10", gone: "null" }, ["version", "gone"]);
    expect(reading).toMatchObject({
      said: {
        traits: [
          { name: "version", type: "text", value: "1.10" },
          { name: "n", type: "number", value: 1.1 },
          { name: "gone", type: null, value: null },
        ],
      },
    });
  });
});

describe("rows that are rejected, and why", () => {
  test.each<[RecordKind, Record<string, string>, RegExp]>([
    ["user", { id: "" }, /external ID is empty/],
    ["user", { id: " " }, /external ID " " identifies nobody/],
    ["user", { id: "null" }, /external ID "null" identifies nobody/],
    ["user", { id: "0" }, /identifies nobody/],
    ["user", { id: "'Undefined'" }, /identifies nobody/],
    ["user", { id: "[object Object]" }, /identifies nobody/],
    ["user", { id: "_PENDO_T_abc" }, /identifies nobody/],
    ["user", { id: "x".repeat(1_001) }, /longer than 1000 bytes/],
    ["user", { id: "€".repeat(334) }, /longer than 1000 bytes/],
    ["user", { id: "a\0b" }, /Column "id" has the character U\+0000/],
    ["user", { id: "x", plan: "a\0b" }, /Column "plan" has the character U\+0000/],
    ["user", { id: "x", name: "n".repeat(501) }, /name is longer than 500/],
    ["user", { id: "x", email: "n".repeat(501) }, /email is longer than 500/],
    ["user", { id: "x", plan: "n".repeat(10_001) }, /Column "plan" is longer than 10000/],
    ["user", { id: "x", account: "null" }, /account "null" identifies nobody/],
    ["user", { id: "x", account: "a-1;0" }, /account "0" identifies nobody/],
    ["user", { id: "x", account: '["a-1",""]' }, /account is empty/],
    ["user", { id: "x", organization: "undefined" }, /organization "undefined" identifies nobody/],
    ["account", { id: "x", organization: "0" }, /organization "0" identifies nobody/],
    ["account", { id: "x", organization: "y".repeat(1_001) }, /organization is longer/],
    ["user", { id: "x", name: ' "Jo"' }, /quotes of Column "name" cannot be read/],
    ["user", { id: "x", name: '"Jo\n2,"Al' }, /quotes of Column "name" cannot be read/],
  ])("%s %j", (kind, row, says) => {
    expect(read(kind, row)).toEqual({ reason: expect.stringMatching(says) });
  });

  test.each<[TraitType, string, object | RegExp]>([
    ["number", "12", { type: "number", value: 12 }],
    ["number", "007", /^The trait "x" is a number in this workspace, and "007" is none\.$/],
    ["number", "yes", /is a number/],
    ["number", "1234567890123456", /is a number/],
    ["text", "12", { type: "text", value: "12" }],
    ["text", "2026-03-31", { type: "text", value: "2026-03-31" }],
    ["yes-no", "No", { type: "yes-no", value: false }],
    ["yes-no", "1", /is a yes or no/],
    ["date", "2026-03-31", { type: "date", value: "2026-03-31" }],
    ["date", "31.03.2026", /is a date/],
    ["list", '["a",2]', { type: "list", value: ["a", 2] }],
    ["list", "a;b", /is a list of texts and numbers/],
  ])("where the trait's type is set: %s, %j", (type, cell, expected) => {
    const readRow = createRowReader("user", chooseColumns("user", ["id", "x"]), new Map([["x", type]]));
    expect(readRow(["u", cell])).toEqual(
      expected instanceof RegExp
        ? { reason: expect.stringMatching(expected) }
        : { said: { externalId: "u", traits: [{ name: "x", ...expected }] } },
    );
    expect(readRow(["u", "null"])).toMatchObject({ said: { traits: [{ type: null, value: null }] } });
    expect(readRow(["u", ""])).toMatchObject({ said: { traits: [] } });
  });

  test("too few cells, too many, and one under no name", () => {
    const readRow = createRowReader("user", chooseColumns("user", ["id", "", "name"]));
    expect(readRow(["x"])).toEqual({ reason: "It has 1 cells, and there are 3 columns." });
    expect(readRow(["x", "", "Jo", "more"])).toEqual({ reason: "It has 4 cells, and there are 3 columns." });
    expect(readRow(["x", "what", "Jo"])).toEqual({ reason: "Column 2 has no name." });
    expect(readRow(["x", "", "Jo", "", ""])).toMatchObject({ said: { name: "Jo" } });
  });

  test.skipIf(!hasCorpus("naughty-strings"))("naughty strings are exact ids, or rejected", () => {
    for (const id of listNaughtyStrings()) {
      const reading = read("user", { id, name: "n" });
      if ("said" in reading) expect(reading.said.externalId).toBe(id);
      else expect(id === "" || isNobody(id) || /\0|^\s+"|[\r\n]/.test(id) || id.length > 300, id).toBe(true);
    }
  });

  test("no row throws, and an id that is taken is taken exactly", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("null", "[", '["', "a;b", '"', "\0"));
    fc.assert(
      fc.property(text, text, text, text, (id, name, account, plan) => {
        const reading = read("user", { id, name, account, plan });
        if ("said" in reading) expect(reading.said.externalId).toBe(id);
        else expect(reading.reason.length).toBeGreaterThan(10);
      }),
    );
  });
});
