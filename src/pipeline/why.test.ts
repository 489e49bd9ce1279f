import { describe, expect, test } from "vitest";
import { describeWays, type Traced } from "./why.ts";

const reference = (externalId: string) => ({ id: `id of ${externalId}`, externalId, name: `Name of ${externalId}` });
const ownIds = { userIdFrom: null, accountIdFrom: null, level: "account" } as const;
const byMetadata = { userIdFrom: "email", accountIdFrom: "custom.crm_id", level: "account" } as const;
const row: Traced = {
  source: "pendo-webhook",
  mappingVersion: 2,
  pendoVisitorId: "u-42",
  pendoAccountId: "acme",
  user: reference("u42@acme.example"),
  account: reference("crm-1"),
  organization: null,
  mapping: byMetadata,
  visitorName: {
    field: "email",
    state: "mapped",
    externalId: "u42@acme.example",
    foundIn: "agent.email",
    changedAt: null,
  },
  accountName: null,
};
const named = (given: Partial<NonNullable<Traced["visitorName"]>>) => ({ ...row.visitorName!, ...given });

const cases: [string, Partial<Traced>, string, string][] = [
  [
    "Pendo's own ids",
    { mapping: ownIds, user: reference("u-42"), account: reference("acme") },
    "visitorId u-42 → user u-42",
    "accountId acme → account acme",
  ],
  [
    "metadata; the field with its group where it is known",
    {},
    "visitorId u-42 → agent.email u42@acme.example → user u42@acme.example",
    "accountId acme → custom.crm_id crm-1 → account crm-1",
  ],
  [
    "an organization",
    {
      mapping: { ...ownIds, level: "organization" },
      user: reference("u-42"),
      account: null,
      organization: reference("acme"),
    },
    "visitorId u-42 → user u-42",
    "accountId acme → organization acme",
  ],
  ["no ids", { pendoVisitorId: null, pendoAccountId: null, user: null, account: null }, "no visitorId", "no accountId"],
  [
    "ids that identify nobody",
    { pendoVisitorId: "anonymous", pendoAccountId: "undefined", user: null, account: null },
    "visitorId anonymous identifies nobody",
    "accountId undefined identifies nobody",
  ],
  [
    "no mapping fits any more",
    { mappingVersion: 0, mapping: null, user: null, account: null },
    "visitorId u-42 → nobody: no mapping tells whose it is",
    "accountId acme → nobody: no mapping tells whose it is",
  ],
  [
    "Pendo says something else by now",
    { visitorName: named({ externalId: "new@acme.example", changedAt: "2026-11-20T15:00:00+00:00" }) },
    "visitorId u-42 → email u42@acme.example → user u42@acme.example (Pendo says email new@acme.example since 2026-11-20T15:00:00.000Z)",
    "accountId acme → custom.crm_id crm-1 → account crm-1",
  ],
  [
    "Pendo has no value by now",
    { visitorName: named({ state: "no-value", externalId: null, foundIn: null }) },
    "visitorId u-42 → email u42@acme.example → user u42@acme.example (Pendo has no value in email by now)",
    "accountId acme → custom.crm_id crm-1 → account crm-1",
  ],
  [
    "what is known by another field says nothing",
    { visitorName: named({ field: "custom.crm_id", externalId: "003x" }) },
    "visitorId u-42 → email u42@acme.example → user u42@acme.example",
    "accountId acme → custom.crm_id crm-1 → account crm-1",
  ],
];

describe("the way of a fact", () => {
  test.each(cases)("%s", (_name, given, user, account) => {
    const why = describeWays({ ...row, ...given });
    expect([why.user.text, why.account.text]).toEqual([user, account]);
  });

  test("each part of it can be read alone", () => {
    const changed = {
      ...row,
      visitorName: named({ externalId: "new@acme.example", changedAt: "2026-11-20T15:00:00Z" }),
    };
    expect(describeWays(changed).user).toMatchObject({
      pendoId: "u-42",
      field: "email",
      record: { type: "user", ...reference("u42@acme.example") },
      mappingVersion: 2,
      changed: { externalId: "new@acme.example", at: new Date("2026-11-20T15:00:00Z") },
    });
    expect(
      describeWays({ ...row, visitorName: named({ state: "unknown", externalId: null }) }).user.changed,
    ).toBeNull();
  });
});
