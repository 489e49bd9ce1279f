import { describe, expect, test } from "vitest";
import type { RecordKind } from "../pipeline/records.ts";
import type { ColumnChoice } from "./import.ts";
import { chooseColumns, proposeColumns } from "./read-columns.ts";

/** Which column takes which part. */
function tell(kind: RecordKind, names: readonly string[]) {
  const { names: _names, traits, ...parts } = chooseColumns(kind, names);
  const named = Object.entries(parts).filter(([, place]) => place !== undefined);
  return {
    ...Object.fromEntries(named.map(([part, place]) => [part, names[place!]])),
    traits: traits.map(({ place, name }) => (names[place]!.trim() === name ? name : "?")),
  };
}

describe("columns are known by their names, in any case and spelling", () => {
  test.each<[RecordKind, string[], object]>([
    ["user", ["external_id"], { externalId: "external_id" }],
    ["user", ["externalId"], { externalId: "externalId" }],
    ["user", ["EXTERNAL-ID"], { externalId: "EXTERNAL-ID" }],
    ["user", [" External Id "], { externalId: " External Id " }],
    ["user", ["id"], { externalId: "id" }],
    ["user", ["user_id"], { externalId: "user_id" }],
    ["account", ["Account ID"], { externalId: "Account ID" }],
    ["organization", ["organizationId"], { externalId: "organizationId" }],
    ["user", ["id", "Name", "E-Mail"], { externalId: "id", name: "Name", email: "E-Mail" }],
    ["user", ["id", "Full Name", "email_address"], { externalId: "id", name: "Full Name", email: "email_address" }],
    ["user", ["id", "account"], { externalId: "id", account: "account" }],
    ["user", ["id", "account_ids"], { externalId: "id", account: "account_ids" }],
    ["user", ["id", "organisation"], { externalId: "id", organization: "organisation" }],
    ["user", ["id", "organization_ids"], { externalId: "id", organization: "organization_ids" }],
    ["account", ["id", "organization_id"], { externalId: "id", organization: "organization_id" }],
  ])("%s: %j", (kind, names, parts) => {
    expect(tell(kind, names)).toEqual({ ...parts, traits: [] });
  });

  test("where two could take a part, the one that surely is an id takes it; the other is a trait", () => {
    expect(tell("user", ["id", "external_id", "name"])).toEqual({
      externalId: "external_id",
      name: "name",
      traits: ["id"],
    });
    expect(tell("account", ["organization", "organization_id", "account_id", "name"])).toEqual({
      externalId: "account_id",
      organization: "organization_id",
      name: "name",
      traits: ["organization"],
    });
    expect(tell("user", ["id", "account", "account_ids"])).toMatchObject({
      account: "account_ids",
      traits: ["account"],
    });
  });

  test("everything else is a trait, under its own name", () => {
    expect(tell("account", ["id", "email", "Plan ", "user_id", "__proto__", "", "名前"]).traits).toEqual([
      "email",
      "Plan",
      "user_id",
      "__proto__",
      "名前",
    ]);
    expect(tell("organization", ["id", "account_id", "organization"]).traits).toEqual(["account_id", "organization"]);
  });
});

describe("what makes no file of records is refused in plain words", () => {
  test.each<[string, string[], RegExp]>([
    [
      "no external ID",
      ["name", "plan"],
      /No column is the external ID: call it external_id\. The file has "name", "plan"/,
    ],
    ["no columns", [""], /No column is the external ID/],
    ["the external ID twice", ["external_id", "External ID"], /"external_id", "External ID" are the same/],
    ["the name twice", ["id", "name", "Name"], /"name", "Name" are the same/],
    ["a trait twice", ["id", "plan", "plan "], /Two columns are called "plan"/],
    ["a name that is too long", ["id", "x".repeat(201)], /cannot be a trait/],
    ["a name that cannot be kept", ["id", "a\0b"], /cannot be a trait/],
    ["too many", ["id", ...Array.from({ length: 501 }, (_, n) => `t${n}`)], /501 columns.*500 is the most/],
  ])("%s", (_name, names, says) => {
    expect(() => chooseColumns("user", names)).toThrow(says);
  });

  test("traits whose names differ in case are two", () => {
    expect(tell("user", ["id", "plan", "Plan"]).traits).toEqual(["plan", "Plan"]);
  });
});

describe("of two columns that are the same", () => {
  const names = ["id", "name", "Name"];
  test("neither is proposed to be more than a trait, and nothing begins until somebody has chosen", () => {
    expect(proposeColumns("user", names).map(({ becomes }) => becomes)).toEqual(["externalId", "trait", "trait"]);
    expect(() => chooseColumns("user", names, null)).toThrow(/"name", "Name" are the same/);
    expect(() => chooseColumns("user", names, [{ column: "id", becomes: "externalId" }])).toThrow(/are the same/);
  });

  test.each<[ColumnChoice[], number | undefined, string[]]>([
    [[{ column: "name", becomes: "name" }], 1, ["Name"]],
    [
      [
        { column: "name", becomes: "nothing" },
        { column: "Name", becomes: "name" },
      ],
      2,
      [],
    ],
    [[{ column: "Name", becomes: "nothing" }], undefined, ["name"]],
  ])("people say which one is it: %j", (choices, name, traits) => {
    const columns = chooseColumns("user", names, choices);
    expect([columns.name, columns.traits.map((trait) => trait.name)]).toEqual([name, traits]);
  });
});
