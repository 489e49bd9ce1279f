// Every route there is, walked with what belongs to another workspace: in the path, in the query, in the body, as a cursor; by
// those who may only read, and by nobody. Routes that are added are walked by themselves.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { createAnalyticsClient } from "../support/analytics.ts";
import { shortPatience } from "../support/pendo-client.ts";
import { sendDelivery } from "../support/sender.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";
import { basic } from "../support/vitally-client.ts";
import { type Answered, ask, type FurnishedWorkspace, furnishWorkspace } from "./furnish-workspace.ts";
import { type ListedRoute, listOwnRoutes, listRestRoutes, nameRoute } from "./list-routes.ts";
import { type Contents, readContents, sumUp } from "./read-contents.ts";
import { createWalk, freeParameters, listForeignBodies, listParameters, type Walk } from "./walk.ts";

/** In every text of the other workspace, and nowhere else. */
const foreignMark = "quetzal";

let simulator: PendoSimulator;
let plumbline: TestApp;
let foreign: FurnishedWorkspace;
let contents: Contents;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", visitors: 20, accounts: 5, days: 2, count: 20 });
  plumbline = await createTestApp({ pendoUrl: simulator.url, pendo: { patience: shortPatience } });
  foreign = await furnishWorkspace(plumbline, simulator, foreignMark);
});
afterAll(async () => {
  await plumbline?.stop();
  await simulator?.stop();
});

const apis = [
  { api: "/api/v1", listRoutes: () => listOwnRoutes(plumbline.url), authorize: (key: string) => `Bearer ${key}` },
  { api: "/resources", listRoutes: listRestRoutes, authorize: basic },
];

describe.each(apis)("$api", { timeout: 300_000 }, ({ api, listRoutes, authorize }) => {
  let own: FurnishedWorkspace;
  let walk: Walk;
  let routes: ListedRoute[];
  let untouched: Record<string, string>;
  beforeAll(async () => {
    const { pool } = plumbline.database;
    own = await furnishWorkspace(plumbline, simulator, `wombat${api.length}`);
    walk = await createWalk(pool, own);
    routes = await listRoutes();
    contents = await readContents(pool, { ...foreign, notOf: own.workspaceId });
    untouched = await sumUp(pool, foreign.workspaceId);
  });

  const send = (
    { method }: Pick<ListedRoute, "method">,
    path: string,
    { key, body, headers }: { key: string; body?: unknown; headers?: Record<string, string> },
  ) => ask(`${plumbline.url}${path}`, { method, body, headers: { authorization: authorize(key), ...headers } });

  /** A new key for each route: the other API counts the requests of each. */
  async function walkRoutes(chosen: ListedRoute[], step: (route: ListedRoute, key: string) => Promise<void>) {
    expect(chosen.length).toBeGreaterThan(3);
    for (const route of chosen) await step(route, await own.createKey(["read", "write", "ingest", "admin"]));
    expect(await sumUp(plumbline.database.pool, foreign.workspaceId)).toEqual(untouched);
  }

  test("there is something of everything in the other workspace", () => {
    expect(contents.emptyTables).toEqual([]);
    expect(contents.ids.length).toBeGreaterThan(40);
    expect(contents.texts.length).toBeGreaterThan(25);
  });

  test("an id of another workspace is nobody's here", async () => {
    await walkRoutes(
      routes.filter((route) => listParameters(route).length > 0),
      async (route, key) => {
        const body = walk.bodyOf(route);
        for (const name of listParameters(route))
          for (const value of [...contents.ids, ...contents.texts]) {
            const answer = await send(route, walk.fill(route, { name, value }), { key, body });
            expectNothingOf(answer, [value], route);
            if (!freeParameters.includes(name))
              expect({ route: nameRoute(route), value, status: answer.status }).toEqual({
                route: nameRoute(route),
                value,
                status: expect.toSatisfy((status) => status === 404 || (status === 400 && value.includes(foreignMark))),
              });
          }
      },
    );
  });

  test("a filter, or a cursor, of another workspace finds nothing", async () => {
    await walkRoutes(
      routes.filter(({ method, query }) => method === "GET" && Object.keys(query).length > 0),
      async (route, key) => {
        const path = walk.fill(route);
        const given = path.includes("?") ? path.split("?")[1] : "";
        for (const name of listNamingParameters(route))
          for (const value of inTurn(await listForeignValues(route, name))) {
            const query = new URLSearchParams(given);
            query.set(name, value);
            const answer = await send(route, `${path.split("?")[0]}?${query}`, { key });
            expect([nameRoute(route), name, value, answer.status < 500]).toEqual([nameRoute(route), name, value, true]);
            expectNothingOf(answer, [value], route);
          }
      },
    );
  });

  /** Those that may be the name of something: not numbers, moments, and choices of a few words. */
  const listNamingParameters = ({ query }: ListedRoute) =>
    Object.entries(query).flatMap(([name, schema]) =>
      (schema.type ?? "string") === "string" && !schema.enum && schema.format !== "date-time" ? [name] : [],
    );

  /** For a cursor, one that the other workspace was given for the same list. */
  async function listForeignValues(route: ListedRoute, name: string): Promise<string[]> {
    const values = [...contents.someIds, ...contents.texts, foreign.workspaceId];
    if (name !== "from") return values;
    const theirs = await createWalk(plumbline.database.pool, foreign);
    const path = theirs.fill(route);
    const key = await foreign.createKey(["read", "admin"]);
    const answer = await send(route, `${path}${path.includes("?") ? "&" : "?"}limit=1`, { key });
    untouched = await sumUp(plumbline.database.pool, foreign.workspaceId);
    return [answer.json?.next, ...values].filter((value) => typeof value === "string");
  }

  test("naming another workspace changes nothing of whose key it is", async () => {
    await walkRoutes(
      routes.filter(({ method }) => method === "GET"),
      async (route, key) => {
        const headers = { "x-workspace": foreign.workspaceId };
        const answer = await send(route, walk.fill(route), { key, headers });
        expectNothingOf(answer, [], route);
      },
    );
  });

  test("who may only read changes nothing, who may only send reads nothing", async () => {
    const before = await sumUp(plumbline.database.pool, own.workspaceId);
    const keys = { read: await own.createKey(["read"]), ingest: await own.createKey(["ingest"]) };
    for (const route of routes) {
      const key = route.method === "GET" ? keys.ingest : keys.read;
      const answer = await send(route, walk.fill(route), { key, body: walk.bodyOf(route) });
      if (openToEveryKey.includes(nameRoute(route))) continue;
      const expected = ofOthersOnly.includes(nameRoute(route)) ? 404 : 403;
      expect([nameRoute(route), answer.status]).toEqual([nameRoute(route), expected]);
    }
    const { api_keys: _, ...after } = await sumUp(plumbline.database.pool, own.workspaceId);
    expect(before).toMatchObject(after);
  });

  test("nobody, and who has no key for this, is asked for one", async () => {
    const wrong = [undefined, "plk_wrong", foreign.token, own.webhook.secret];
    for (const route of routes.filter(({ path, method }) => !openToAll.includes(`${method} ${path}`)))
      for (const key of wrong) {
        const path = walk.fill(route);
        const headers = key === undefined ? {} : { authorization: authorize(key) };
        const answer = await ask(plumbline.url + path, { method: route.method, body: walk.bodyOf(route), headers });
        expect([nameRoute(route), key, answer.status]).toEqual([nameRoute(route), key, 401]);
        expectNothingOf(answer, [], route);
      }
  });

  test("what was refused would have been done with ids of one's own", async () => {
    const results: string[] = [];
    for (const route of inDoableOrder(routes)) {
      if (openToAll.includes(nameRoute(route))) continue;
      const key = await own.createKey(["read", "write", "ingest", "admin"]);
      const answer = await send(route, walk.fill(route), { key, body: walk.bodyOf(route) });
      // 409: as it stands now that cannot be done. It was found.
      const isRight = onlyForPeople.includes(nameRoute(route)) ? answer.status === 403 : answer.status < 300;
      if (!isRight && answer.status !== 409) results.push(`${nameRoute(route)}: ${answer.status} ${answer.text}`);
    }
    expect(results).toEqual([]);
  });

  test("a body that names something of another workspace does nothing to it, and learns nothing of it", async () => {
    // What is sent becomes this one's own where a route makes something of it: so it is a workspace for this alone.
    const naming = await furnishWorkspace(plumbline, simulator, `walrus${api.length}`);
    const itsWalk = await createWalk(plumbline.database.pool, naming);
    untouched = await sumUp(plumbline.database.pool, foreign.workspaceId);
    const sent = new Set<string>();
    for (const route of routes.filter(({ method }) => method !== "GET" && method !== "DELETE"))
      for (const value of inTurn([...contents.someIds, ...contents.texts])) {
        const key = await naming.createKey(["read", "write", "ingest", "admin"]);
        sent.add(value);
        for (const body of listForeignBodies(route, itsWalk.bodyOf(route), value)) {
          const answer = await send(route, itsWalk.fill(route), { key, body });
          expectNothingOf(answer, [...sent], route);
          expect([nameRoute(route), body, answer.status < 500]).toEqual([nameRoute(route), body, true]);
        }
      }
    expect(sent.size).toBeGreaterThan(40);
    expect(await sumUp(plumbline.database.pool, foreign.workspaceId)).toEqual(untouched);
  });
});

let turn = 0;

/** Each time the first and a third of the others: with dozens of routes and filters every one comes often enough. */
function inTurn(values: readonly string[]): string[] {
  turn += 1;
  return values.filter((_, place) => place === 0 || (place + turn) % 3 === 0);
}

/** Whoever asks is answered; the door that people sign in by. */
const openToAll = ["POST /api/v1/session"];

/** About whoever asks: nothing of a workspace is read or changed. */
const openToEveryKey = [...openToAll, "GET /api/v1/me", "GET /api/v1/workspaces"];

/** Whose they are finds them, and an administrator; for everybody else they are not there. */
const ofOthersOnly = ["DELETE /api/v1/sessions/{id}"];

/** Keys have no sessions, no password and no second workspace. */
const onlyForPeople = [
  "DELETE /api/v1/session",
  "POST /api/v1/me/password",
  "GET /api/v1/sessions",
  "DELETE /api/v1/sessions",
  "POST /api/v1/workspaces",
];

/** What deletes comes last, and first what others are deleted with. */
function inDoableOrder(routes: ListedRoute[]): ListedRoute[] {
  const rank = ({ method, path }: ListedRoute) =>
    method === "GET" ? 0 : method !== "DELETE" ? 1 : /npsResponses/.test(path) ? 2 : /reports/.test(path) ? 3 : 4;
  return [...routes].sort((one, other) => rank(one) - rank(other));
}

/** Nothing with the other workspace's mark, and none of its ids, other than what was sent. */
function expectNothingOf({ text, headers }: Answered, sent: readonly string[], route: ListedRoute): void {
  let said = `${JSON.stringify([...headers])}\n${text}`;
  for (const form of sent.flatMap(listForms)) said = said.replaceAll(form, "");
  const told = [foreignMark, foreign.workspaceId, ...contents.ids].filter((one) => said.includes(one));
  const where = told[0] === undefined ? "" : said.slice(Math.max(0, said.indexOf(told[0]) - 200)).slice(0, 500);
  expect({ route: nameRoute(route), told, where }).toEqual({ route: nameRoute(route), told: [], where: "" });
}

/** How a text that was sent may be said again. */
function listForms(value: string): string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  const inQuotes = JSON.stringify(quoted).slice(1, -1);
  return [value, quoted, inQuotes, encodeURIComponent(value), value.replaceAll('"', '""')];
}

describe("people", () => {
  test("reach no other workspace by its name, and nobody's session in it", async () => {
    const own = await furnishWorkspace(plumbline, simulator, "wombat-people");
    const { pool } = plumbline.database;
    contents = await readContents(pool, { ...foreign, notOf: own.workspaceId });
    const untouched = await sumUp(pool, foreign.workspaceId);
    const walk = await createWalk(pool, own);
    for (const route of await listOwnRoutes(plumbline.url)) {
      if (openToAll.includes(nameRoute(route))) continue;
      const path = walk.fill(route).replace("/api/v1", "");
      const body = walk.bodyOf(route) as object | undefined;
      const answer = await own.member.call(route.method, path, body, { "x-workspace": foreign.workspaceId });
      expect([nameRoute(route), answer.status]).toEqual([nameRoute(route), 403]);
      expectNothingOf({ ...answer, text: JSON.stringify(answer.json) }, [foreign.workspaceId], route);
    }
    const { json } = await foreign.member.call("GET", "/sessions");
    const { json: me } = await foreign.member.call("GET", "/me");
    expect(json.items).toHaveLength(1);
    expect((await own.member.call("DELETE", `/sessions/${json.items[0].id}`)).status).toBe(404);
    expect((await own.member.call("GET", `/sessions?member=${me.id}`)).status).toBe(404);
    expect((await own.member.call("PATCH", `/members/${me.id}`, { role: "viewer" })).status).toBe(404);
    expect((await own.member.call("POST", "/password-links", { memberId: me.id })).status).toBe(404);
    expect((await foreign.member.call("GET", "/me")).json.id).toBe(me.id);
    expect(await sumUp(pool, foreign.workspaceId)).toEqual(untouched);
  });
});

describe("the doors", () => {
  test("take a webhook into the workspace of its address, signed with that one's secret only", async () => {
    const own = await furnishWorkspace(plumbline, simulator, "wombat-door");
    const before = await sumUp(plumbline.database.pool, foreign.workspaceId);
    const body = JSON.stringify(
      createBody("trackEventReceived", { name: "x" }, { visitorId: "quetzal user", accountId: "quetzal account" }),
    );
    const refused = await sendDelivery(own.webhook.url, body, { secret: foreign.webhook.secret });
    expect(refused.status).toBe(401);
    expect((await sendDelivery(own.webhook.url, body, { secret: own.webhook.secret })).status).toBe(200);
    const client = createAnalyticsClient({ url: `${plumbline.url}/analytics/v1/`, token: own.token });
    for (const [endpoint, message] of [
      ["organization", { organizationId: "quetzal group", traits: { name: "taken" } }],
      ["account", { accountId: "quetzal company", organizationId: "quetzal group", traits: { name: "taken" } }],
      ["user", { userId: "quetzal person", accountId: "quetzal company", traits: { name: "taken" } }],
      ["track", { userId: "quetzal person", accountId: "quetzal company", event: "taken", properties: {} }],
      ["unlink", { userId: "quetzal person", accountId: "quetzal company" }],
    ] as const) {
      const answer = await client.send(endpoint, { ...message, messageId: `quetzal message ${endpoint}` });
      expect([endpoint, answer.status]).toEqual([endpoint, 200]);
    }
    await plumbline.settle();
    expect(await sumUp(plumbline.database.pool, foreign.workspaceId)).toEqual(before);
    const { rows } = await plumbline.database.pool.query(
      "select name from users where workspace_id = $1 and external_id = 'quetzal person'",
      [own.workspaceId],
    );
    expect(rows).toEqual([{ name: "taken" }]);
  });
});
