// What the log says of who came in, who was refused, and who wanted more than they may.
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor } from "../../test/support/visitor.ts";

const lines: Record<string, any>[] = [];
let plumbline: TestApp;
let admin: Person;
let viewer: Person;
let viewerId: string;
beforeAll(async () => {
  plumbline = await createTestApp({
    log: pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) }),
  });
  admin = await createFirstAdmin(plumbline);
  viewer = await createMember(plumbline, admin, { email: "vi@acme.example", role: "viewer" });
  viewerId = (await viewer.call("GET", "/me")).json.id;
});
afterAll(() => plumbline.stop());
beforeEach(() => lines.splice(0));

const from = { address: "127.0.0.1" };
/** A line is written after the answer is on its way. */
async function waitForLines(event: string, count = 1): Promise<Record<string, any>[]> {
  const find = () => lines.filter((line) => line.event === event);
  for (const until = Date.now() + 5_000; find().length < count && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 5));
  return find();
}

test("who signs in, by which way, and from where", async () => {
  await createVisitor(plumbline.url).call("POST", "/session", { email: viewer.email, password: goodPassword });
  await createVisitor(plumbline.url).submit("/sign-in", { email: viewer.email, password: goodPassword });
  const wanted = { ...from, member: viewerId, session: expect.any(String) };
  expect(await waitForLines("signed-in", 2)).toMatchObject([
    { ...wanted, route: "/api/v1/session" },
    { ...wanted, route: "/sign-in" },
  ]);
});

test("whose password was not known, and that somebody tried who is nobody; never what was typed", async () => {
  for (const email of [viewer.email, "my password by mistake"])
    await createVisitor(plumbline.url).call("POST", "/session", { email, password: "a wrong password" });
  const refused = await waitForLines("sign-in-refused", 2);
  expect(refused).toMatchObject([{ ...from, member: viewerId }, from]);
  expect(refused[1]).not.toHaveProperty("member");
  await waitForLines("refused", 2);
  expect(JSON.stringify(lines)).not.toMatch(/password by mistake|a wrong password|acme\.example/);
});

test("what somebody wanted who may not, by the route and without what was asked for", async () => {
  const { workspaceId } = plumbline;
  await viewer.call("PATCH", "/users/secret-person/traits", { traits: { plan: "secret" } });
  const wanted = { ...from, status: 403, by: { kind: "member", id: viewerId }, workspace: workspaceId };
  expect(await waitForLines("refused")).toMatchObject([
    { ...wanted, method: "PATCH", route: "/api/v1/users/:id/traits" },
  ]);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test.each([
  ["a key that is none", { authorization: "Bearer plk_none" }, 401],
  ["another site's request", { origin: "https://elsewhere.example" }, 403],
])("%s", async (_name, headers, status) => {
  const cookie = "authorization" in headers ? {} : { cookie: admin.cookie! };
  const method = "DELETE";
  await fetch(`${plumbline.url}/api/v1/sessions`, {
    method,
    headers: { ...cookie, ...headers } as Record<string, string>,
  });
  expect(await waitForLines("refused")).toMatchObject([{ ...from, status, method, route: "/api/v1/sessions" }]);
  expect(JSON.stringify(lines)).not.toContain("plk_none");
});

test("guesses beyond those that are allowed, and nothing of what went well", async () => {
  const email = "guessed@acme.example";
  for (let count = 0; count < 11; count += 1)
    await createVisitor(plumbline.url).call("POST", "/session", { email, password: `guess ${count}` });
  await viewer.call("GET", "/users");
  const statuses = (await waitForLines("refused", 11)).map(({ status }) => status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
});
