// The client against the simulator, over real HTTP, when all is well.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../../simulator/api/start-pendo-simulator.ts";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { catchPendoError, createTestPendoClient, type TestPendoClient } from "../../../test/support/pendo-client.ts";
import type { ListOptions } from "./pendo-client.ts";
import type { Identity, PendoKind } from "./pipelines.ts";

let simulator: PendoSimulator;
let client: TestPendoClient;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", visitors: 1200, accounts: 60, days: 10, count: 2000 });
  client = createTestPendoClient(simulator, { pageSize: 250 });
});
afterAll(async () => {
  await client.stop();
  await simulator.stop();
});

async function listAll(
  kind: PendoKind,
  fields: Parameters<TestPendoClient["listIdentities"]>[1],
  options?: ListOptions,
) {
  const pages: Identity[][] = [];
  for await (const page of client.listIdentities(kind, fields, options)) pages.push(page);
  return pages;
}

/** Everybody that the simulator knows and that is somebody. */
const listKnown = (kind: PendoKind) => [...simulator.people.list(kind)].filter((id) => !id.startsWith("_PENDO_T_"));
const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Ids that might be more than themselves somewhere on the way. */
const hostileIds = [
  '" || true || "',
  '\\" || 1 == 1 || \\"',
  "\\",
  "\\\\",
  '"',
  "'",
  "`",
  "a\nb",
  "a\r\nb",
  "tab\there",
  "\u0000",
  "\u0001\u001f\u007f\u0085",
  "\u2028\u2029\ufeff\u200b",
  "😀 e\u0301 é",
  "\uffff",
  "\u{10ffff}",
  "$(jndi)",
  "{{x}}",
  "%22%20||",
  "../../account/x",
  "a".repeat(5_000),
  " leading and trailing ",
  "Straße",
  "STRASSE",
  "__proto__",
  "constructor",
];

test("the key is valid, and may only read; the other one may write", async () => {
  expect(await client.verifyToken()).toEqual({ mayWrite: false });
  const writer = createTestPendoClient({ ...simulator, integrationKey: simulator.writeKey });
  expect(await writer.verifyToken()).toEqual({ mayWrite: true });
  await writer.stop();
});

test("the schema lists the fields by group", async () => {
  const fields = await client.readMetadataSchema("visitor");
  expect(fields).toContainEqual({
    group: "agent",
    name: "email",
    type: "string",
    displayName: "email",
    isHidden: false,
  });
  expect(fields).toContainEqual(expect.objectContaining({ group: "auto", name: "accountids", type: "list" }));
  const groups = new Set((await client.readMetadataSchema("account")).map(({ group }) => group));
  expect([...groups]).toEqual(["agent", "auto", "custom", "salesforce"]);
});

test.each(["visitor", "account"] as const)("every %s is listed once, in order, page by page", async (kind) => {
  const pages = await listAll(kind, ["agent.email"]);
  const ids = pages.flat().map(({ id }) => id);
  expect(ids).toEqual(listKnown(kind).sort(compareBytes));
  expect(await client.countIdentities(kind)).toBe(ids.length);
  for (const page of pages) expect(page.length).toBeLessThanOrEqual(250);
  for (const { id, metadata } of pages.flat())
    expect(metadata).toEqual({ agent: simulator.people.findMetadata(kind, id)!.agent });
});

test("where any group may be meant, all groups come; a group that nobody has does not", async () => {
  for (const fields of ["all", ["email"]] as const) {
    const [first] = (await listAll("visitor", fields, { limit: 1 })).flat();
    expect(first!.metadata).toEqual(simulator.people.findMetadata("visitor", first!.id));
  }
  const [first] = (await listAll("visitor", ["nosuch.x", "custom.crm_id"], { limit: 1 })).flat();
  expect(Object.keys(first!.metadata)).toEqual(["custom"]);
});

test("a list goes on where it was broken off, and ends where it should", async () => {
  const all = (await listAll("visitor", [])).flat().map(({ id }) => id);
  const rest = (await listAll("visitor", [], { after: all[399] })).flat().map(({ id }) => id);
  expect(rest).toEqual(all.slice(400));
  const some = await listAll("visitor", [], { after: all[9], limit: 300 });
  expect(some.map((page) => page.length)).toEqual([250, 50]);
  expect(some.flat().map(({ id }) => id)).toEqual(all.slice(10, 310));
  expect(await listAll("visitor", [], { after: all.at(-1) })).toEqual([]);
});

test("many ids are one request, and those that Pendo does not know are not there", async () => {
  const ids = listKnown("visitor").slice(0, 150);
  simulator.requests.clear();
  const found = await client.findIdentities(
    "visitor",
    [...ids, ...ids, "nobody", ids[0]!.toUpperCase() + ids[0], ""],
    ["agent.email"],
  );
  expect(simulator.requests.total()).toBe(1);
  expect([...found.keys()].sort()).toEqual([...ids].sort());
  for (const id of ids)
    expect(found.get(id)!.metadata.agent).toEqual(simulator.people.findMetadata("visitor", id)!.agent);
  const others = listKnown("visitor").slice(0, 800);
  simulator.requests.clear();
  expect((await client.findIdentities("visitor", others, "all")).size).toBe(800);
  expect(simulator.requests.total()).toBe(4);
});

test("nothing is asked for no ids, and for ids that no one can have", async () => {
  simulator.requests.clear();
  expect((await client.findIdentities("account", ["", "\ud800"], "all")).size).toBe(0);
  expect(simulator.requests.total()).toBe(0);
});

test("hostile ids are found as themselves and nobody else, one by one and together, and listed", async () => {
  const naughty = hasCorpus("naughty-strings") ? listNaughtyStrings() : [];
  const ids = [...new Set([...hostileIds, ...naughty])].filter((id) => id !== "" && id.isWellFormed());
  for (const id of hostileIds.slice(0, 12))
    expect((await client.findIdentities("account", [id], "all")).size, id).toBe(0);
  for (const id of ids) {
    simulator.people.create("account", id);
    simulator.people.setMetadata("account", id, "agent", { name: `name of ${id}` });
  }
  const found = await client.findIdentities("account", ids, ["agent.name"]);
  expect([...found.keys()].sort()).toEqual([...ids].sort());
  for (const id of ids) expect(found.get(id)!.metadata).toEqual({ agent: { name: `name of ${id}` } });
  for (const id of hostileIds) expect([...(await client.findIdentities("account", [id], [])).keys()]).toEqual([id]);
  const listed = (await listAll("account", [])).flat().map(({ id }) => id);
  expect(listed).toEqual(listKnown("account").sort(compareBytes));
});

test("an id that Pendo cannot read in a filter is asked for alone, and keeps no other from being found", async () => {
  const [first, strange, last] = listKnown("visitor")
    .slice(0, 60)
    .filter((_, place) => [0, 31, 59].includes(place));
  const ids = listKnown("visitor").slice(0, 60);
  // The simulator understands every id, so it is told to refuse the filters in which this one stands: the whole, and its halves.
  const halves = Math.ceil(Math.log2(60)) + 1;
  let refused = 0;
  const { choose } = simulator.faults;
  simulator.faults.choose = (route) => {
    const isOnWay = route.endsWith("/aggregation") && refused < halves;
    if (!isOnWay) return choose(route);
    refused += 1;
    return { fault: 400 };
  };
  try {
    const found = await client.findIdentities("visitor", ids, ["agent.email"]);
    expect([...found.keys()].sort()).toEqual([...ids].sort());
    expect(found.has(first!) && found.has(strange!) && found.has(last!)).toBe(true);
    expect(refused).toBe(halves);
  } finally {
    simulator.faults.choose = choose;
  }
  const paths = simulator.requests.last().map(({ path }) => path);
  expect(paths.filter((path) => path.startsWith("/api/v1/visitor/"))).toEqual([
    `/api/v1/visitor/${encodeURIComponent(first!)}`,
  ]);
});

test("what Pendo asks for is what is sent: every app, nobody anonymous, the key in its header only", async () => {
  simulator.requests.clear();
  await listAll("visitor", ["agent.email"], { after: 'a"\\', limit: 5 });
  const [request] = simulator.requests.last();
  expect(request).toMatchObject({ method: "POST", path: "/api/v1/aggregation", status: 200 });
  expect(request!.body).toMatchObject({
    response: { mimeType: "application/json" },
    request: {
      pipeline: [
        { source: { visitors: { appId: 'expandAppIds("*")' } } },
        { identified: "visitorId" },
        { filter: 'visitorId > "a\\"\\\\"' },
        { select: { visitorId: "visitorId", metadata_agent: "metadata.agent" } },
        { sort: ["visitorId"] },
        { limit: 5 },
      ],
    },
  });
  expect(JSON.stringify(simulator.requests.last())).not.toContain(simulator.integrationKey);
});

test("an error has a name, a message and a next step", async () => {
  const stranger = createTestPendoClient({ ...simulator, integrationKey: "never-made" });
  const error = await catchPendoError(stranger.verifyToken());
  expect(error).toMatchObject({ name: "PendoError", trouble: "key-refused", status: 403 });
  expect(error.next).toEqual({ kind: "fix-settings", setting: "integration-key" });
  await stranger.stop();
});
