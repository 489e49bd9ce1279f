// The compatible API as a whole, over HTTP, as the documented samples use it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { basic, createVitallyClient, type VitallyClient } from "../../../test/support/vitally-client.ts";
import { revokeApiKey } from "../../access/api-keys-table.ts";
import { isNobody } from "../../pendo/read-id.ts";
import { isStorableText } from "../../platform/json.ts";
import { changeConnection } from "../../settings/connections.ts";

let plumbline: TestApp;
let vitally: VitallyClient;
beforeAll(async () => {
  plumbline = await createTestApp();
  vitally = await createVitallyClient(plumbline);
});
afterAll(() => plumbline.stop());

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const url = (path: string) => `${plumbline.url}/resources${path}`;
const at = (id: string) => encodeURIComponent(id);

let count = 0;
function name(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}
const createAccount = (given: object = {}) =>
  vitally.post("/accounts", { externalId: name("a"), name: "Acme", ...given });
async function createUser(given: object = {}) {
  const accountIds = "accountIds" in given || "organizationIds" in given ? undefined : [(await createAccount()).id];
  return vitally.post("/users", { externalId: name("u"), accountIds, ...given });
}

describe("who may ask", () => {
  const ask = (authorization?: string) => fetch(url("/accounts"), { headers: authorization ? { authorization } : {} });

  test("the key is taken in each of the ways clients send it", async () => {
    const { key } = vitally;
    const bare = Buffer.from(key).toString("base64");
    for (const header of [
      basic(key),
      `Basic ${key}`,
      `Basic ${bare}`,
      `Bearer ${key}`,
      basic(basic(key)),
      `basic  ${bare} `,
    ])
      expect((await ask(header)).status, header).toBe(200);
  });

  test("without a key that is valid there is 401 and a sentence, and the budget all the same", async () => {
    const missing = await ask();
    expect(missing.status).toBe(401);
    expect(await missing.json()).toEqual({ error: "Authorization header not present." });
    expect(missing.headers.get("www-authenticate")).toBe('Basic realm="Plumbline"');
    for (const header of [
      basic("plk_wrong"),
      "Basic",
      "Basic !!!",
      "Digest x",
      `Bearer ${"x".repeat(5000)}`,
      "Basic AAAA",
    ]) {
      const answer = await ask(header);
      expect(answer.status, header).toBe(401);
      expect(await answer.json()).toEqual({ error: expect.stringContaining("API key is not valid") });
      expect(answer.headers.get("ratelimit-limit")).toBe("1000, 1000;window=60");
    }
    const other = await createVitallyClient(plumbline);
    expect((await ask(basic(other.key))).status).toBe(200);
    const { rows } = await plumbline.database.pool.query(
      "select api_key_id from api_keys order by created_at desc limit 1",
    );
    await revokeApiKey(plumbline.database.pool, rows[0].api_key_id, new Date());
    expect((await ask(basic(other.key))).status).toBe(401);
  });

  test("a key that may only read cannot write", async () => {
    const reader = await createVitallyClient(plumbline);
    await plumbline.database.pool.query(
      "update api_keys set scopes = '{read}' where api_key_id = (select api_key_id from api_keys order by created_at desc, api_key_id desc limit 1)",
    );
    expect((await reader.send("GET", "/users")).status).toBe(200);
    expect(await reader.send("POST", "/accounts", { externalId: "x", name: "x" })).toMatchObject({
      status: 403,
      json: { error: expect.stringContaining("needs write") },
    });
  });

  test("a thousand requests a minute; then 429 with the time to wait", async () => {
    let now = new Date("2026-03-01T00:00:00Z");
    const own = await createTestApp({ clock: () => now });
    try {
      const client = await createVitallyClient(own);
      const first = await client.send("GET", "/admins/search?email=x@y.example");
      expect(first.headers.get("ratelimit-remaining")).toBe("999");
      expect(first.headers.get("ratelimit-reset")).toBe("60");
      now = new Date("2026-03-01T00:00:20Z");
      for (let done = 1; done < 1000; done += 100)
        await Promise.all(
          Array.from({ length: Math.min(100, 1000 - done) }, () => client.send("GET", "/customFields?model=team")),
        );
      const refused = await client.send("GET", "/accounts");
      expect(refused).toMatchObject({ status: 429, json: { error: expect.stringContaining("1000 requests") } });
      expect(refused.headers.get("retry-after")).toBe("40");
      expect(refused.headers.get("ratelimit-remaining")).toBe("0");
      // The window slides: only the first request is a minute old.
      now = new Date("2026-03-01T00:01:00Z");
      expect((await client.send("GET", "/accounts")).headers.get("ratelimit-remaining")).toBe("0");
      expect((await client.send("GET", "/accounts")).status).toBe(429);
      now = new Date("2026-03-01T00:01:21Z");
      expect((await client.send("GET", "/accounts")).headers.get("ratelimit-remaining")).toBe("998");
      const another = await createVitallyClient(own);
      expect((await another.send("GET", "/accounts")).headers.get("ratelimit-remaining")).toBe("999");
    } finally {
      await own.stop();
    }
  });
});

describe("errors", () => {
  test.each([
    ["POST", "/accounts", "{", 400, "not JSON"],
    ["POST", "/accounts", "[]", 400, "one JSON object"],
    ["POST", "/accounts", "", 400, "needs a body"],
    ["POST", "/accounts", "[".repeat(30), 400, "levels deep"],
    ["POST", "/accounts", { name: "A" }, 400, "`externalId` is required"],
    ["POST", "/accounts", { externalId: "e" }, 400, "`name` is required"],
    ["POST", "/accounts", { externalId: "e", name: 5 }, 400, "`name` must be a text"],
    ["POST", "/accounts", { externalId: " undefined ", name: "A" }, 400, "identifies nobody"],
    ["POST", "/accounts", { externalId: "x".repeat(1001), name: "A" }, 400, "longer than 1000 bytes"],
    ["POST", "/accounts", { externalId: "a\0b", name: "A" }, 400, "U+0000"],
    ["POST", "/accounts", { externalId: "e", name: "A", traits: [] }, 400, "`traits` must be an object"],
    ["POST", "/accounts", { externalId: "e", name: "A", traits: { a: { b: 1 } } }, 400, '"a"'],
    ["POST", "/accounts", { externalId: "e", name: "A", organizationId: "nope" }, 400, 'no organization "nope"'],
    ["POST", "/organizations", { externalId: "e" }, 400, "`name` is required"],
    ["POST", "/users", { externalId: "e" }, 400, "`accountIds` or `organizationIds`"],
    ["POST", "/users", { externalId: "e", accountIds: [] }, 400, "`accountIds` or `organizationIds`"],
    ["POST", "/users", { externalId: "e", accountIds: ["nope"] }, 400, 'no account "nope"'],
    ["POST", "/users", { externalId: "e", accountIds: "nope" }, 400, "list of ids"],
    ["PUT", "/users/nope", { name: "x" }, 404, "no such user"],
    ["GET", "/accounts/nope", undefined, 404, "no such account"],
    ["DELETE", "/organizations/nope", undefined, 404, "no such organization"],
    ["GET", "/accounts/nope/users", undefined, 404, "no such account"],
    ["GET", "/nothing", undefined, 404, "nothing at this address"],
    ["GET", "/accounts?limit=101", undefined, 400, "from 1 to 100"],
    ["GET", "/accounts?limit=0", undefined, 400, "from 1 to 100"],
    ["GET", "/accounts?limit=1e999", undefined, 400, "from 1 to 100"],
    ["GET", "/accounts?sortBy=name", undefined, 400, "updatedAt or createdAt"],
    ["GET", "/accounts?from=xyz", undefined, 400, "not the `next`"],
    ["GET", "/accounts?from=u.xyz", undefined, 400, "not the `next`"],
    ["GET", "/accounts?status=gone", undefined, 400, "`status` must be"],
    ["GET", "/npsResponses?target=users", undefined, 400, "`target` must be"],
    ["GET", "/customFields?model=toString", undefined, 400, "`model` must be"],
    ["GET", "/admins/search", undefined, 400, "`email` is required"],
    ["GET", "/users/search", undefined, 400, "exactly one"],
    ["GET", "/users/search?email=a&externalId=b", undefined, 400, "exactly one"],
    ["DELETE", "/accounts/nope?deleteOn=2199-01-01", undefined, 400, "later time is not offered"],
  ])("%s %s %j → %i", async (method, path, body, status, says) => {
    const answer = await vitally.send(method, path, body);
    expect(answer).toMatchObject({ status, json: { error: expect.stringContaining(says) } });
    expect(Object.keys(answer.json)).toEqual(["error"]);
    expect(answer.headers.get("ratelimit-remaining")).toMatch(/^\d+$/);
  });

  test("the content type does not matter, and a body too large is a bad body", async () => {
    const plain = { "content-type": "text/plain" };
    expect((await vitally.send("POST", "/accounts", { externalId: name("a"), name: "A" }, plain)).status).toBe(200);
    const long = JSON.stringify({ externalId: "long", name: "A", traits: { t: "x".repeat(1_100_000) } });
    expect(await vitally.send("POST", "/accounts", long)).toMatchObject({
      status: 400,
      json: { error: expect.any(String) },
    });
  });
});

describe("records", () => {
  test("an account as it is documented, field by field", async () => {
    const traits = {
      mrr: 1200,
      nextRenewalDate: "2026-12-01",
      churnedAt: null,
      plan: "gold",
      seats: 7,
      ok: true,
      tags: ["a", "b"],
    };
    const made = await vitally.post("/accounts", { externalId: "acme/eu + 1@x ü", name: "Acme", traits });
    expect(made).toEqual({
      id: uuid,
      createdAt: time,
      updatedAt: time,
      externalId: "acme/eu + 1@x ü",
      name: "Acme",
      traits: { mrr: 1200, nextRenewalDate: "2026-12-01", plan: "gold", seats: 7, ok: true, tags: ["a", "b"] },
      organizationId: null,
      accountOwnerId: null,
      mrr: 1200,
      nextRenewalDate: "2026-12-01",
      churnedAt: null,
      trialEndDate: null,
      firstSeenTimestamp: null,
      lastSeenTimestamp: null,
      lastInboundMessageTimestamp: null,
      lastOutboundMessageTimestamp: null,
      usersCount: 0,
      npsDetractorCount: 0,
      npsPassiveCount: 0,
      npsPromoterCount: 0,
      npsScore: null,
      healthScore: null,
      csmId: null,
      accountExecutiveId: null,
      keyRoles: [],
      segments: [],
    });
    expect(await vitally.get(`/accounts/${at("acme/eu + 1@x ü")}`)).toEqual(made);
    expect(await vitally.get(`/accounts/${made.id}`)).toEqual(made);
    expect(await vitally.get(`/accounts/${made.id}/healthScores`)).toEqual({ results: [], next: null });
  });

  test("a user as the sample makes it, with what it belongs to", async () => {
    const organization = await vitally.post("/organizations", { externalId: name("o"), name: "Group" });
    const account = await createAccount({ organizationId: organization.id });
    expect(account.organizationId).toBe(organization.id);
    const externalId = name("u");
    const made = await vitally.post("/users", {
      externalId,
      name: "A user",
      email: "u42@acme.example",
      avatar: "https://acme.example/u42.png",
      accountIds: [account.id],
      traits: { role: "admin" },
      joinDate: "2026-01-15",
    });
    const ofAccount = { id: account.id, externalId: account.externalId, name: "Acme" };
    expect(made).toEqual({
      id: uuid,
      createdAt: time,
      updatedAt: time,
      externalId,
      name: "A user",
      email: "u42@acme.example",
      avatar: "https://acme.example/u42.png",
      traits: { role: "admin" },
      firstKnown: made.createdAt,
      joinDate: "2026-01-15T00:00:00.000Z",
      lastSeenTimestamp: null,
      lastInboundMessageTimestamp: null,
      lastOutboundMessageTimestamp: null,
      npsLastScore: null,
      npsLastFeedback: null,
      npsLastRespondedAt: null,
      unsubscribedFromConversations: false,
      deactivatedAt: null,
      segments: [],
      accountIds: [account.id],
      organizationIds: [organization.id],
      accounts: [ofAccount],
      organizations: [{ id: organization.id, externalId: organization.externalId, name: "Group" }],
    });
    expect(await vitally.get(`/organizations/${organization.id}`)).toMatchObject({ accountsCount: 1, usersCount: 1 });
    const nested = async (path: string) => (await vitally.get(path)).results.map((one: any) => one.id);
    expect(await nested(`/accounts/${account.externalId}/users`)).toEqual([made.id]);
    expect(await nested(`/organizations/${organization.externalId}/users`)).toEqual([made.id]);
    expect(await nested(`/organizations/${organization.id}/accounts`)).toEqual([account.id]);
  });

  test("what is said is merged, what is left out stays, null clears; nothing else moves", async () => {
    const { id, externalId, createdAt } = await createUser({
      name: "Jo",
      email: "jo@acme.example",
      traits: { a: 1, b: "two" },
    });
    const changed = await vitally.put(`/users/${externalId}`, {
      traits: { a: null, c: [1] },
      unsubscribedFromConversations: true,
    });
    expect(changed).toMatchObject({
      id,
      createdAt,
      name: "Jo",
      email: "jo@acme.example",
      traits: { b: "two", c: [1] },
    });
    expect(changed.traits).not.toHaveProperty("a");
    expect(changed.unsubscribedFromConversations).toBe(true);
    expect(changed.updatedAt >= changed.createdAt).toBe(true);
    expect(await vitally.put(`/users/${id}`, { email: null, externalId })).toMatchObject({ email: null, name: "Jo" });
    // Sent back as it was read: computed fields are left alone, and nothing has changed.
    const read = await vitally.get(`/users/${id}`);
    expect(await vitally.put(`/users/${id}`, read)).toEqual(read);
    expect(await vitally.send("PUT", `/users/${id}`, { externalId: "other" })).toMatchObject({ status: 400 });
  });

  test("accounts move between organizations by either id, and out; users only ever gain places", async () => {
    const [one, two] = [name("o"), name("o")];
    for (const externalId of [one, two]) await vitally.post("/organizations", { externalId, name: externalId });
    const account = await createAccount({ organizationId: one });
    const second = await vitally.get(`/organizations/${two}`);
    expect((await vitally.put(`/accounts/${account.id}`, { organizationId: two })).organizationId).toBe(second.id);
    expect((await vitally.put(`/accounts/${account.id}`, { name: "New" })).organizationId).toBe(second.id);
    expect((await vitally.put(`/accounts/${account.id}`, { organizationId: null })).organizationId).toBeNull();
    const user = await createUser({ organizationIds: [second.id] });
    expect((await vitally.put(`/users/${user.id}`, { accountIds: [account.id] })).accountIds).toEqual([account.id]);
    expect((await vitally.put(`/users/${user.id}`, { accountIds: [] })).accountIds).toEqual([account.id]);
  });

  test("an external ID that is taken is refused, and nothing is changed; of many at once one is made", async () => {
    const first = await createAccount({ name: "First", traits: { a: 1 } });
    const again = await vitally.send("POST", "/accounts", {
      externalId: first.externalId,
      name: "Second",
      traits: { a: 2 },
    });
    expect(again).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(`PUT /resources/accounts/${first.id}`) },
    });
    expect(await vitally.get(`/accounts/${first.id}`)).toEqual(first);
    const externalId = name("a");
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => vitally.send("POST", "/accounts", { externalId, name: `n${n}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)]);
  });

  test("an external ID that looks like another one's own id: the own id comes first", async () => {
    const one = await createAccount();
    const other = await vitally.post("/accounts", { externalId: one.id, name: "Other" });
    expect(other).toMatchObject({ name: "Other", externalId: one.id });
    expect((await vitally.get(`/accounts/${one.id}`)).id).toBe(one.id);
  });

  test("the longest external ID is found by its path, in whatever letters", async () => {
    for (const externalId of ["x".repeat(1_000), "\u20ac".repeat(333), "%2F%25".repeat(100)]) {
      const { id } = await vitally.post("/accounts", { externalId, name: "Long" });
      expect((await vitally.get(`/accounts/${at(externalId)}`)).id).toBe(id);
    }
  });

  test("ids may be whole numbers", async () => {
    expect(await vitally.post("/accounts", { externalId: 4711, name: "N" })).toMatchObject({ externalId: "4711" });
    const huge = await vitally.send("POST", "/accounts", '{"externalId": 12345678901234567890, "name": "N"}');
    expect(huge.json.externalId).toBe("12345678901234567890");
  });

  test("what waited for a record made here goes through, and counts", async () => {
    const connection = await plumbline.connect();
    await changeConnection(plumbline.settings, connection.id, { missingRecords: "link" });
    const [visitorId, accountId] = [name("waits"), name("waits-a")];
    const given = { visitorId, accountId, timestamp: 1_700_000_000 };
    await plumbline.send(connection, createBody("trackEventReceived", { name: "opened" }, given));
    await plumbline.send(connection, createBody("npsSubmitted", { nps: { rating: 9, reason: "so" } }, given));
    await plumbline.settle();
    const account = await createAccount({ externalId: accountId });
    await createUser({ externalId: visitorId, accountIds: [account.id] });
    await plumbline.settle();
    const seen = new Date(1_700_000_000_000).toISOString();
    expect(await vitally.get(`/accounts/${accountId}`)).toMatchObject({
      firstSeenTimestamp: seen,
      lastSeenTimestamp: seen,
      npsPromoterCount: 1,
      npsScore: 100,
      usersCount: 1,
    });
    expect(await vitally.get(`/users/${visitorId}`)).toMatchObject({
      firstKnown: seen,
      lastSeenTimestamp: seen,
      npsLastScore: 9,
      npsLastFeedback: "so",
      npsLastRespondedAt: seen,
    });
  });

  test("accounts by whether they have churned", async () => {
    const own = await createVitallyClient(plumbline, await createWorkspace(plumbline.database.pool));
    for (const externalId of ["stays", "leaves", "left"])
      await own.post("/accounts", {
        externalId,
        name: externalId,
        ...(externalId === "left" && { traits: { churnedAt: "2026-02-01" } }),
      });
    const list = async (query = "") => (await own.get(`/accounts${query}`)).results.map((one: any) => one.externalId);
    expect(await list()).toEqual(["leaves", "stays"]);
    expect(await own.put("/accounts/leaves", { traits: { churnedAt: "2026-03-01T10:00:00+02:00" } })).toMatchObject({
      churnedAt: "2026-03-01T08:00:00.000Z",
    });
    expect(await list("?status=active")).toEqual(["stays"]);
    expect(await list("?status=churned")).toEqual(["leaves", "left"]);
    expect(await list("?status=activeOrChurned&sortBy=createdAt")).toEqual(["left", "leaves", "stays"]);
    await own.put("/accounts/left", { traits: { churnedAt: null } });
    expect(await list()).toEqual(["left", "stays"]);
  });

  test("users are searched by external ID, address, and what is behind the @", async () => {
    const [jo, al] = [
      await createUser({ email: "Jo.Ann@Search.Example" }),
      await createUser({ email: "al@mail.search.example" }),
    ];
    const none = await createUser({ email: "x@search.example.org" });
    const search = async (query: string) =>
      (await vitally.get(`/users/search?${query}`)).results.map((one: any) => one.id);
    expect(await search(`externalId=${jo.externalId}`)).toEqual([jo.id]);
    expect(await search("email=jo.ann@search.example")).toEqual([jo.id]);
    expect(await search("email=JO.ANN@SEARCH.EXAMPLE")).toEqual([jo.id]);
    expect(await search("email=%25@search.example")).toEqual([]);
    expect(await search("emailSubdomain=search.example")).toEqual([jo.id]);
    expect(await search("emailSubdomain=@Search.Example")).toEqual([jo.id]);
    expect(await search("emailSubdomain=search")).toEqual([none.id, jo.id]);
    expect(await search("emailSubdomain=mail")).toEqual([al.id]);
    expect(await search("emailSubdomain=sear")).toEqual([]);
    expect(await search("externalId=nobody-at-all")).toEqual([]);
  });

  test("traits in use, as a bare list in the order of their names", async () => {
    const own = await createVitallyClient(plumbline, await createWorkspace(plumbline.database.pool));
    expect(await own.get("/customFields?model=accounts")).toEqual([]);
    const traits = {
      plan: "gold",
      "vitally.custom.nextSteps": "call",
      seats: 3,
      since: "2026-01-01",
      ok: false,
      tags: [],
    };
    await own.post("/accounts", { externalId: "a", name: "A", traits });
    expect(
      (await own.get("/customFields?model=accounts")).map(({ label, path, type }: any) => [label, path, type]),
    ).toEqual([
      ["ok", "ok", "boolean"],
      ["plan", "plan", "string"],
      ["seats", "seats", "number"],
      ["since", "since", "datetime"],
      ["tags", "tags", "multiselect"],
      ["vitally.custom.nextSteps", "vitally.custom.nextSteps", "string"],
    ]);
    expect(await own.get("/customFields")).toHaveLength(6);
    for (const model of [
      "users",
      "organizations",
      "customObjects",
      "tasks",
      "notes",
      "projects",
      "conversations",
      "team",
    ])
      expect(await own.get(`/customFields?model=${model}`)).toEqual([]);
    expect(await own.get("/admins/search?email=jo@acme.example")).toEqual({ results: [], next: null });
  });

  test.runIf(hasCorpus("naughty-strings"))(
    "hostile texts are kept as they are, in every field, or refused in a sentence",
    async () => {
      const account = await createAccount();
      let client = vitally;
      for (const [place, text] of [...new Set(listNaughtyStrings())].entries()) {
        // A key has a thousand requests a minute.
        if (place % 100 === 0) client = await createVitallyClient(plumbline);
        const externalId = `n-${text}`;
        const isTrait = text !== "" && text.length <= 200;
        const fields = { name: text, email: text, avatar: text, traits: isTrait ? { [text]: text } : {} };
        const answer = await client.send("POST", "/users", { externalId, accountIds: [account.id], ...fields });
        if (!isStorableText(text)) {
          expect(answer.status, text).toBe(400);
          continue;
        }
        expect(answer, text).toMatchObject({
          status: 200,
          json: { externalId, name: text, email: text, avatar: text },
        });
        if (isTrait && !/^\d{4}-\d\d-\d\d/.test(text))
          expect(answer.json.traits, text).toEqual(JSON.parse(JSON.stringify({ [text]: text })));
        const found = await client.get(`/users/${at(externalId)}`);
        expect(found.id).toBe(answer.json.id);
        expect(await client.get(`/users/search?externalId=${at(externalId)}`)).toMatchObject({
          results: [{ id: found.id }],
        });
        expect((await client.send("GET", `/accounts?from=${at(text)}`)).status).toBeLessThan(500);
        expect((await client.send("GET", `/users/search?email=${at(text)}`)).status).toBeLessThan(500);
        if (isNobody(text))
          expect((await client.send("POST", "/users", { externalId: text, accountIds: [account.id] })).status).toBe(
            400,
          );
      }
    },
  );

  test("nothing of another workspace is seen, named or changed", async () => {
    const other = await createVitallyClient(plumbline, await createWorkspace(plumbline.database.pool));
    const organization = await vitally.post("/organizations", { externalId: name("o"), name: "Ours" });
    const account = await createAccount({ organizationId: organization.id });
    const user = await createUser({ accountIds: [account.id], email: "secret@ours.example" });
    const response = await vitally.post("/npsResponses", {
      userId: user.id,
      score: 9,
      respondedAt: "2026-01-01T00:00:00Z",
      externalId: name("r"),
    });
    for (const [path, id, externalId] of [
      ["organizations", organization.id, organization.externalId],
      ["accounts", account.id, account.externalId],
      ["users", user.id, user.externalId],
      ["npsResponses", response.id, response.externalId],
    ]) {
      for (const named of [id, externalId])
        for (const method of ["GET", "PUT", "DELETE"])
          expect(
            (await other.send(method, `/${path}/${named}`, method === "PUT" ? { name: "x" } : undefined)).status,
          ).toBe(404);
      expect(await other.get(`/${path}`)).toEqual({ results: [], next: null });
    }
    for (const path of [
      `/accounts/${account.id}/users`,
      `/organizations/${organization.id}/accounts`,
      `/accounts/${account.id}/healthScores`,
    ])
      expect((await other.send("GET", path)).status).toBe(404);
    expect(await other.get("/users/search?email=secret@ours.example")).toMatchObject({ results: [] });
    expect((await other.send("POST", "/users", { externalId: "u", accountIds: [account.id] })).status).toBe(400);
    expect(
      (await other.send("POST", "/npsResponses", { userId: user.id, score: 1, respondedAt: "2026-01-01T00:00:00Z" }))
        .status,
    ).toBe(400);
    expect(await vitally.get(`/users/${user.id}`)).toEqual({
      ...user,
      npsLastScore: 9,
      npsLastRespondedAt: "2026-01-01T00:00:00.000Z",
    });
  });
});
