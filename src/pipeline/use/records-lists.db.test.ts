// Lists of records: sorted, searched and filtered, each beside what the whole list shows of every record.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";

const now = new Date("2026-05-20T12:00:00Z");
let plumbline: TestApp;

/** Names of two, three and more words, with other signs in between, none at all, and twice the same. */
const people: [externalId: string, name: string | null, email: string | null][] = [
  ["u-1", "Anna Smith", "a.smith@acme.example"],
  ["u-2", "anna maria SMITHERS", "maria@beta.example"],
  ["u-3", "Zoë Ångström-Øre", "Zoe@Acme.example"],
  ["Zoe-4", "  Karl von der Heide ", null],
  ["ben.stone@acme.example", null, null],
  ["7f9c-00", null, null],
  ["u-7", "Anna Smith", "second@acme.example"],
  ["u-8", "100 % (Test)", "test_user@beta.example"],
  ["u-9", "李 小龙", null],
];
const traits = [
  { plan: "Team", seats: 12, tags: ["A", "b"], active: true, "a=b": "c=d" },
  { plan: "team", seats: 12.5, tags: [], active: false },
  { plan: "Free", seats: "12", "a=b": "other" },
];

async function write(path: string, body: object) {
  const { status, json } = await plumbline.call("PATCH", path, body);
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
}

beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
  const connection = await plumbline.connect();
  const put = async (kind: string, body: object) => {
    const response = await fetch(`${plumbline.url}/resources/${kind}`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${plumbline.key}:`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    if (response.status >= 300) throw new Error(await response.text());
    return (await response.json()) as { id: string };
  };
  for (const name of ["Big Acme Group", "acme"]) await put("organizations", { externalId: `o-${name}`, name });
  for (let place = 0; place < 4; place += 1)
    await put("accounts", { externalId: `a-${place}`, name: ["Acme", "Beta & Acme", "beta", "Gamma"][place] });
  for (const [place, [externalId, name, email]] of people.entries())
    await put("users", {
      externalId,
      ...(name !== null && { name }),
      ...(email !== null && { email }),
      accountIds: [`a-${place % 3}`],
    });
  for (const [place, given] of traits.entries()) await write(`/users/u-${place + 1}/traits`, { traits: given });
  await write("/accounts/a-0/traits", { traits: { plan: "Team" } });
  const send = async (kind: string, properties: object, days: number, visitorId: string, accountId: string) => {
    const timestamp = Math.floor(now.getTime() / 1000) - days * 86_400;
    await plumbline.send(connection, createBody(kind, properties, { visitorId, accountId, timestamp }));
  };
  for (const [place, days] of [40, 30, 20, 10].entries()) {
    await send("trackEventReceived", { name: "Opened" }, days, people[place]![0], `a-${place % 3}`);
    await send("npsSubmitted", { nps: { rating: [10, 3, 8, 0][place] } }, days, people[place]![0], `a-${place % 3}`);
  }
  // The first one has changed their mind.
  await send("npsSubmitted", { nps: { rating: 2 } }, 5, "u-1", "a-0");
  await plumbline.settle();
}, 120_000);
afterAll(() => plumbline.stop());

async function page(path: string): Promise<{ items: any[]; next: string | null }> {
  const { status, json } = await plumbline.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}
const list = async (path: string): Promise<any[]> =>
  (await page(`${path}${path.includes("?") ? "&" : "?"}limit=500`)).items;
const ids = (items: any[]) => items.map(({ externalId }) => externalId);

test.each(["users", "accounts", "organizations"])("%s in every order, in pages of every size", async (of) => {
  const all = await list(`/${of}`);
  const byName = await list(`/${of}?sort=name`);
  const keys = byName.map(({ name, externalId }) => Buffer.from((name ?? externalId).toLowerCase()));
  expect(keys).toEqual([...keys].sort(Buffer.compare));
  expect(ids(byName).sort()).toEqual(ids(all).sort());
  const orders = { "-createdAt": all, createdAt: all.toReversed(), name: byName, "-name": byName.toReversed() };
  for (const [sort, expected] of Object.entries(orders))
    for (const limit of [1, 2, 4, 100]) {
      const found: any[] = [];
      let from: string | null = "";
      while (from !== null) {
        const { items, next }: any = await page(`/${of}?sort=${sort}&limit=${limit}${from && `&from=${from}`}`);
        found.push(...items);
        from = next;
      }
      expect([sort, limit, ids(found)]).toEqual([sort, limit, ids(expected)]);
    }
});

test("a page of another order is refused", async () => {
  const { next } = await page("/users?sort=name&limit=1");
  expect((await plumbline.get(`/users?from=${next}`)).status).toBe(400);
  const nasty = Buffer.from(JSON.stringify(["\0", "00000000-0000-4000-8000-000000000000"])).toString("base64url");
  expect((await plumbline.get(`/users?sort=name&from=${nasty}`)).status).toBe(400);
});

describe("search", () => {
  test.each<[string, string[]]>([
    ["anna", ["u-1", "u-2", "u-7"]],
    ["ANNA S", ["u-1", "u-7"]],
    ["smith", ["u-1", "u-2", "u-7"]],
    ["smithers", ["u-2"]],
    ["maria s", ["u-2"]],
    ["zoë", ["u-3"]],
    ["zoe", ["u-3", "Zoe-4"]],
    ["ÅNG", ["u-3"]],
    ["øre", ["u-3"]],
    ["karl", []],
    ["  karl", []],
    ["heide", ["Zoe-4"]],
    ["von der", ["Zoe-4"]],
    ["stone", ["ben.stone@acme.example"]],
    ["acme.example", ["u-1", "u-3", "u-7"]],
    ["@acme.example", ["u-1", "u-3", "u-7"]],
    ["test", ["u-8"]],
    ["second@", ["u-7"]],
    ["7f9c", ["7f9c-00"]],
    ["00", []],
    ["小", ["u-9"]],
    ["%", []],
    ["_", []],
    ["mith", []],
  ])("users by %s", async (typed, expected) => {
    expect(ids(await list(`/users?q=${encodeURIComponent(typed)}`)).sort()).toEqual(expected.sort());
    const { items } = (await plumbline.get(`/search?q=${encodeURIComponent(typed)}`)).json;
    expect(ids(items.filter(({ type }: any) => type === "user")).sort()).toEqual(expected.sort());
  });

  test("of everything: those that begin so come before those of whom a word does", async () => {
    const { items } = (await plumbline.get("/search?q=acme")).json;
    expect(items.map(({ type, name }: any) => [type, name])).toEqual([
      ["account", "Acme"],
      ["account", "Beta & Acme"],
      ["organization", "acme"],
      ["organization", "Big Acme Group"],
    ]);
  });

  test("with another filter all that fit are there", async () => {
    expect(ids(await list("/users?q=anna&account=a-0&sort=name"))).toEqual(["u-1", "u-7"]);
  });
});

test.each<[string, (user: any) => boolean]>([
  ["trait=plan", ({ traits: { plan } }) => plan !== undefined],
  ["trait=plan=TEAM", ({ traits: { plan } }) => plan?.toLowerCase() === "team"],
  ["trait=plan=", () => false],
  ["trait=seats=12", ({ traits: { seats } }) => String(seats) === "12"],
  ["trait=seats=12.50", ({ traits: { seats } }) => seats === 12.5],
  ["trait=seats=1e999999999", () => false],
  ["trait=tags=a", ({ traits: { tags } }) => tags?.includes("A") ?? false],
  ["trait=active=true", ({ traits: { active } }) => active === true],
  ["trait=active", ({ traits: { active } }) => active !== undefined],
  ["trait=a%3Db", ({ traits: of }) => of["a=b"] !== undefined],
  ["trait=a%3Db%3Dc%3Dd", ({ traits: of }) => of["a=b"] === "c=d"],
  ["trait=plan=team&trait=active=false", ({ traits: { active } }) => active === false],
  ["trait=nothing", () => false],
  ["seen=never", ({ lastSeenAt }) => lastSeenAt === null],
  ["seen=ever", ({ lastSeenAt }) => lastSeenAt !== null],
  ["seenSince=2026-04-20T12:00:00Z", ({ lastSeenAt }) => lastSeenAt >= "2026-04-20T12:00:00.000Z" && lastSeenAt],
  ["seenBefore=2026-04-20T12:00:00Z", ({ lastSeenAt }) => lastSeenAt !== null && lastSeenAt < "2026-04-20T12"],
  ["band=promoter", ({ lastScore }) => lastScore >= 9],
  ["band=passive", ({ lastScore }) => lastScore === 7 || lastScore === 8],
  ["band=detractor", ({ lastScore }) => lastScore !== null && lastScore <= 6],
  ["band=detractor&seenBefore=2026-05-01T00:00:00Z&sort=name", ({ externalId }) => ["u-1", "u-2"].includes(externalId)],
])("users?%s are those that fit", async (filter, fits) => {
  const all = await list("/users");
  const expected = all.filter(fits);
  expect(ids(await list(`/users?${filter}`)).sort()).toEqual(ids(expected).sort());
  expect(expected.length).toBeLessThan(all.length);
});

test("accounts by their people's scores, by traits and by when they were seen", async () => {
  const scores = new Map((await list("/users")).map((user) => [user.externalId, user]));
  const accounts = await list("/accounts");
  for (const [band, from, to] of [
    ["promoter", 9, 10],
    ["passive", 7, 8],
    ["detractor", 0, 6],
  ] as const) {
    const named = [...scores.values()].filter(({ lastScore: s }) => s !== null && s >= from && s <= to);
    const expected = new Set(named.flatMap((user) => user.accounts.map(({ externalId }: any) => externalId)));
    expect(ids(await list(`/accounts?band=${band}`)).sort()).toEqual([...expected].sort());
  }
  expect(ids(await list("/accounts?trait=plan=team"))).toEqual(["a-0"]);
  const silent = accounts.filter(({ lastSeenAt }) => lastSeenAt !== null && lastSeenAt < "2026-05-01");
  expect(ids(await list("/accounts?seenBefore=2026-05-01T00:00:00Z")).sort()).toEqual(ids(silent).sort());
  expect(ids(await list("/accounts?seen=never"))).toEqual(["a-3"]);
});

test("a CSV file has the filters and the order of the list", async () => {
  const { text } = await plumbline.getText("/users.csv?sort=-name&trait=plan");
  const rows = text.trim().split("\r\n").slice(1);
  expect(rows.map((row) => row.split(",")[0])).toEqual(ids(await list("/users?sort=-name&trait=plan")));
});
