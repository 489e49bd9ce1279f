// Chapter 6: records from elsewhere.
//
// Organizations, accounts and users mostly exist already: in a CRM, in billing. A file of them is imported (src/import) and
// saved (src/pipeline/save-records.ts): each external ID once, with names, traits, and who is in what. What waited for them
// goes through at once. Organizations are above accounts: whoever is in an account is in its organization.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordKind } from "../../src/pipeline/records.ts";
import { changeConnection } from "../../src/settings/connections.ts";
import { setHierarchy } from "../../src/settings/workspaces-table.ts";
import { importText } from "../support/import-text.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const bring = (kind: RecordKind, text: string, at?: Date) =>
  importText({ database: plumbline.database.pool, workspaceId: plumbline.workspaceId, ...(at && { at }) }, kind, text);
const read = async (path: string) => (await plumbline.get(path)).json;
const externalIds = (items: { externalId: string }[]) => items.map((item) => item.externalId).sort();

test("a connection that only links waits for records; the import frees what waited for it, at once", async () => {
  const connection = await plumbline.connect();
  await changeConnection(plumbline.settings, connection.id, { missingRecords: "link" });
  for (const [visitorId, rating] of [
    ["crm-1", 9],
    ["crm-2", 3],
  ] as const)
    await plumbline.send(
      connection,
      createBody("npsSubmitted", { nps: { rating, reason: "so" } }, { visitorId, accountId: "crm-a" }),
    );
  await plumbline.settle();
  expect(await read("/parked")).toEqual({
    items: [
      {
        connectionId: connection.id,
        connectionName: "Pendo",
        reason: "no-such-user",
        message: "No user has this external ID, and the connection only links to existing records.",
        count: 2,
        oldestAt: expect.any(String),
        nextTryAt: expect.any(String),
        examples: [
          expect.objectContaining({ detail: 'No user has the external ID "crm-1".' }),
          expect.objectContaining({ pendo: { visitorId: "crm-2", accountId: "crm-a" } }),
        ],
      },
    ],
  });

  expect(await bring("account", "external_id,name\ncrm-a,Acme\n")).toMatchObject({ created: 1, released: 0 });
  const users = "External ID;Name;E-Mail;Account\ncrm-1;Jo;jo@acme.example;crm-a\ncrm-9;Al;;\n";
  expect(await bring("user", users)).toMatchObject({ created: 2, released: 1, rejected: 0 });
  await plumbline.settle();
  expect((await read("/nps-responses")).items).toMatchObject([
    // With its own time, however long it was parked.
    {
      score: 9,
      respondedAt: "2021-07-20T18:07:11.000Z",
      user: { externalId: "crm-1" },
      account: { externalId: "crm-a" },
    },
  ]);
  expect((await read("/parked")).items).toMatchObject([{ count: 1 }]);
  expect(await read("/users/crm-1")).toMatchObject({
    name: "Jo",
    email: "jo@acme.example",
    accounts: [{ externalId: "crm-a" }],
  });
});

test("a record that another connection makes frees what waited for it, too", async () => {
  const [linking, making] = [await plumbline.connect(), await plumbline.connect()];
  await changeConnection(plumbline.settings, linking.id, { missingRecords: "link" });
  const about = { visitorId: "late-1", accountId: "late-a" };
  await plumbline.send(linking, createBody("trackEventReceived", { name: "First" }, about));
  await plumbline.settle();
  expect((await read("/events?user=late-1")).items).toEqual([]);
  await plumbline.send(making, createBody("trackEventReceived", { name: "Second" }, about));
  await plumbline.settle();
  const events: { name: string }[] = (await read("/events?user=late-1")).items;
  expect(events.map((event) => event.name).sort()).toEqual(["First", "Second"]);
});

test("the same file again changes nothing; an empty cell says nothing, null takes away; nobody is doubled", async () => {
  const text = "id,name,plan,seats,vip\ncrm-a,Acme Inc,Team,12,yes\n";
  expect(await bring("account", text, new Date("2026-03-01T00:00:00Z"))).toMatchObject({ updated: 1, traits: 3 });
  const account = await read("/accounts/crm-a");
  expect(account).toMatchObject({ name: "Acme Inc", traits: { plan: "Team", seats: 12, vip: true } });
  expect(await bring("account", text)).toMatchObject({ updated: 0, unchanged: 1, traits: 0 });
  expect(await read("/accounts/crm-a")).toEqual(account);
  const next = "id,name,plan,seats\ncrm-a,,Enterprise,null\n";
  expect(await bring("account", next, new Date("2026-04-01T00:00:00Z"))).toMatchObject({ updated: 1, traits: 2 });
  expect(await read("/accounts/crm-a")).toMatchObject({ name: "Acme Inc", traits: { plan: "Enterprise", vip: true } });

  // Each trait with its source, the moment it was read, and what it was before.
  const readAt = "2026-04-01T00:00:00.000Z";
  const first = "2026-03-01T00:00:00.000Z";
  expect(await read("/accounts/crm-a/traits")).toMatchObject({
    items: [
      {
        name: "plan",
        source: "custom",
        sourceName: "Plumbline",
        type: "text",
        value: "Enterprise",
        readAt,
        shown: true,
        history: [
          { oldValue: "Team", newValue: "Enterprise", readAt },
          { oldValue: null, newValue: "Team", readAt: first },
        ],
      },
      {
        name: "seats",
        source: "custom",
        type: null,
        value: null,
        readAt,
        shown: false,
        history: [
          { oldValue: 12, newValue: null, readAt },
          { oldValue: null, newValue: 12, readAt: first },
        ],
      },
      {
        name: "vip",
        source: "custom",
        type: "yes-no",
        value: true,
        readAt: first,
        shown: true,
        history: [{ oldValue: null, newValue: true, readAt: first }],
      },
    ],
  });
});

test("a trait may be called anything", async () => {
  await bring("user", 'id,__proto__,"a ""b"",\nc",名前\nodd,x,y,z\n');
  const { traits } = await read("/users/odd");
  expect(Object.entries(traits).sort()).toEqual([
    ["__proto__", "x"],
    ['a "b",\nc', "y"],
    ["名前", "z"],
  ]);
});

test("a row that cannot be taken is rejected with its reason, and holds up nobody", async () => {
  expect(await bring("user", 'id,name\nnull,Nobody\n,Nobody\nu-ok,Jo\nu-x,"Jo",more\n')).toMatchObject({
    read: 4,
    created: 1,
    rejections: [
      { row: 2, reason: 'The external ID "null" identifies nobody.' },
      { row: 3, reason: "The external ID is empty." },
      { row: 5, reason: "It has 3 cells, and there are 2 columns." },
    ],
  });
});

test("organizations are switched on for the workspace; without them a file that names them is refused", async () => {
  await expect(bring("account", "id,organization\na-1,o-1\n")).rejects.toThrow(/--hierarchy on/);
  await setHierarchy(plumbline.database.pool, plumbline.workspaceId, true);
  expect(await bring("account", "id,organization\na-1,o-1\na-2,o-1\n")).toMatchObject({
    created: 2,
    made: { organizations: 1, accounts: 0 },
  });
  expect(await bring("organization", "id,name\no-1,Acme Group\no-2,Other Group\n")).toMatchObject({
    created: 1,
    updated: 1,
  });
});

test("whoever is in an account is in its organization, and what happened there belongs to it, also what was before", async () => {
  const connection = await plumbline.connect();
  const act = (visitorId: string, accountId: string, event = "trackEventReceived") =>
    plumbline.send(
      connection,
      createBody(event, event === "npsSubmitted" ? { nps: { rating: 7 } } : { name: "Went" }, { visitorId, accountId }),
    );
  await act("m-1", "a-1");
  await act("m-2", "a-2");
  await act("m-2", "a-3");
  await act("m-1", "a-1", "npsSubmitted");
  await plumbline.settle();
  expect(await read("/users/m-1")).toMatchObject({ organizations: [{ externalId: "o-1" }] });
  expect(await read("/organizations/o-1")).toMatchObject({ name: "Acme Group", accountsCount: 2, usersCount: 2 });
  const accountsOf = async (organization: string) =>
    (await read(`/events?organization=${organization}`)).items
      .map((event: { account: { externalId: string }; organization: { externalId: string } }) => [
        event.account.externalId,
        event.organization.externalId,
      ])
      .sort();
  expect(await accountsOf("o-1")).toEqual([
    ["a-1", "o-1"],
    ["a-2", "o-1"],
  ]);

  // An account that comes into an organization later brings its people and its past.
  await bring("account", "id,organization\na-3,o-2\na-2,o-2\n");
  expect(await accountsOf("o-2")).toEqual([
    ["a-2", "o-2"],
    ["a-3", "o-2"],
  ]);
  expect(await accountsOf("o-1")).toEqual([["a-1", "o-1"]]);
  expect((await read("/nps-responses?organization=o-1")).items).toHaveLength(1);
  expect(externalIds((await read("/users?organization=o-2")).items)).toEqual(["m-2"]);
  expect(externalIds((await read("/organizations?user=m-2")).items)).toEqual(["o-2"]);
  expect(externalIds((await read("/organizations?account=a-1")).items)).toEqual(["o-1"]);
  expect(externalIds((await read("/accounts?organization=o-2")).items)).toEqual(["a-2", "a-3"]);

  // And one that leaves takes them along.
  await bring("account", "id,organization\na-1,null\n");
  expect(await accountsOf("o-1")).toEqual([]);
  expect(await read("/organizations/o-1")).toMatchObject({ accountsCount: 0, usersCount: 0 });
  expect((await read("/events?user=m-1")).items).toMatchObject([
    { account: { externalId: "a-1" }, organization: null },
  ]);
});

test("a user can be in an organization itself, with no account in between; what is said by hand stands", async () => {
  await bring("user", "id,organization,account_ids\nm-5,o-1;o-2,a-3\n");
  expect(await read("/users/m-5")).toMatchObject({
    accounts: [{ externalId: "a-3" }],
    organizations: [{ externalId: "o-1" }, { externalId: "o-2" }],
    memberships: expect.arrayContaining([expect.objectContaining({ source: "import" })]),
  });
  expect(externalIds((await read("/users?organization=o-1")).items)).toEqual(["m-5"]);
  // Moving the account does not move who is in the organization itself.
  await bring("account", "id,organization\na-3,null\n");
  expect(externalIds((await read("/users?organization=o-2")).items)).toEqual(["m-2", "m-5"]);
});
