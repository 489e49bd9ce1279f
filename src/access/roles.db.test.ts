import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor, type Visitor } from "../../test/support/visitor.ts";

let plumbline: TestApp;
let admin: Person;
let people: Record<string, Visitor>;
let ids: Record<string, string>;

beforeAll(async () => {
  plumbline = await createTestApp();
  admin = await createFirstAdmin(plumbline);
  const member = await createMember(plumbline, admin, { email: "mel@acme.example", role: "member" });
  const viewer = await createMember(plumbline, admin, { email: "vic@acme.example", role: "viewer" });
  await createMember(plumbline, admin, { email: "otto@acme.example", role: "viewer" });
  // Belongs to nothing any more, and signs in again.
  const former = await createMember(plumbline, admin, { email: "fay@acme.example", role: "admin" });
  const { items } = (await admin.call("GET", "/members")).json;
  ids = Object.fromEntries(items.map((one: any) => [one.email.split("@")[0], one.id]));
  await admin.call("DELETE", `/members/${ids.fay}`);
  await former.call("POST", "/session", { email: former.email, password: goodPassword });
  people = { nobody: createVisitor(plumbline.url), former, viewer, member, admin };
});
afterAll(() => plumbline.stop());

/** Who may: those from the named one upwards. Everybody else is refused: 401 without a sign-in, 403 with one. */
const order = ["nobody", "former", "viewer", "member", "admin"];
type Action = [says: string, request: string, least: string, body?: () => object];

const actions: Action[] = [
  ["sees who they are", "GET /me", "former"],
  ["sees their sessions", "GET /sessions", "former"],
  ["sees their workspaces", "GET /workspaces", "former"],
  ["reads events", "GET /events", "viewer"],
  ["reads accounts", "GET /accounts", "viewer"],
  ["reads the ledger", "GET /ledger", "viewer"],
  ["sees who is a member", "GET /members", "viewer"],
  ["turns a report off (one that is not there)", "PATCH /reports/none", "member", () => ({ isOn: false })],
  ["sees keys", "GET /api-keys", "admin"],
  ["makes a key", "POST /api-keys", "admin", () => ({ name: "CRM", scopes: ["read"] })],
  ["reads the audit log", "GET /audit-log", "admin"],
  ["sees sessions of others", "GET /sessions?member=:otto", "admin"],
  ["sees invitations", "GET /invitations", "admin"],
  ["invites", "POST /invitations", "admin", () => ({ email: "new@acme.example", role: "viewer" })],
  ["changes a role", "PATCH /members/:mel", "admin", () => ({ role: "member" })],
  ["makes a link to a new password", "POST /password-links", "admin", () => ({ memberId: ids.mel })],
  ["renames the workspace", "PATCH /workspaces/:workspace", "admin", () => ({ name: "Acme" })],
  ["makes a workspace", "POST /workspaces", "admin", () => ({ name: "Another" })],
];

describe.each(order)("%s", (who) => {
  test.each(actions)("%s", async (_says, request, least, body) => {
    const [method, path] = request
      .replace(":workspace", plumbline.workspaceId)
      .replace(/:(mel|otto)/, (_, name) => ids[name]!)
      .split(" ") as [string, string];
    const { status, json } = await people[who]!.call(method, path, body?.());
    if (who === "nobody") expect(status).toBe(401);
    else if (order.indexOf(who) < order.indexOf(least))
      expect([status, json.detail]).toEqual([403, expect.any(String)]);
    else
      expect([status, json]).not.toEqual([
        expect.toSatisfy((code) => [401, 403, 500].includes(code)),
        expect.anything(),
      ]);
  });
});

test("no address of the document does anything for a stranger or a viewer but what is theirs", async () => {
  const { paths } = (await plumbline.get("/openapi.json")).json;
  const own = ["POST /session", "DELETE /session", "DELETE /sessions", "DELETE /sessions/{id}", "POST /me/password"];
  let count = 0;
  for (const [path, methods] of Object.entries<object>(paths)) {
    for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
      const short = path.replace(/^\/api\/v1/, "");
      const address = short.replace(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000");
      if (!/^(GET|POST|PUT|PATCH|DELETE)$/.test(method) || own.includes(`${method} ${short}`)) continue;
      const body = method === "GET" || method === "DELETE" ? undefined : {};
      const isOpen = method === "GET" && short === "/openapi.json";
      if (!isOpen) expect([address, (await people.nobody!.call(method, address, body)).status]).toEqual([address, 401]);
      if (method === "GET") continue;
      const { status } = await people.viewer!.call(method, address, body);
      expect([method, short, status]).toEqual([method, short, expect.toSatisfy((code) => code >= 400 && code < 500)]);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(15);
});
