import { afterAll, beforeAll, expect, test } from "vitest";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createVisitor, tokenOf } from "../../../test/support/visitor.ts";

let plumbline: TestApp;
let admin: Person;

beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

test("before anybody is there the sign-in says how to begin; the first administrator is told what is wrong beside each field", async () => {
  const visitor = createVisitor(plumbline.url);
  expect((await visitor.open("/")).location).toBe("/sign-in");
  expect((await visitor.open("/sign-in")).text).toContain("plumbline member invite-first");
  // A link of yesterday says where a new one comes from.
  const old = await visitor.submit("/setup", { token: "x".repeat(43) });
  expect([old.status, old.text]).toEqual([410, expect.stringContaining("plumbline member invite-first")]);
  admin = await createFirstAdmin(plumbline);
  expect((await visitor.open("/sign-in")).text).not.toContain("invite-first");
});

test("a form that is wrong comes back with what was typed, but the password", async () => {
  const { json } = await admin.call("POST", "/invitations", { email: "bob@acme.example", role: "member" });
  const bob = createVisitor(plumbline.url);
  const token = tokenOf(json.url);
  const opened = await bob.submit("/invitation", { token });
  expect(opened.text).toMatch(/<input id="password"[^>]*autocomplete="new-password"/);
  expect(opened.text).toMatch(/<input id="email"[^>]*autocomplete="username"[^>]*readonly/);
  const wrong = await bob.submit("/invitation", {
    token,
    name: `Bob "><script>alert(1)</script>`,
    password: "baseball",
  });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('id="password-fault">This is one of the passwords');
  expect(wrong.text).toMatch(/aria-describedby="password-fault password-hint" required aria-invalid="true"/);
  expect(wrong.text).toContain("Bob &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(wrong.text).not.toContain("baseball");
  const nameless = await bob.submit("/invitation", { token, name: "  ", password: goodPassword });
  expect(nameless.text).toContain('id="name-fault">Say what you are called.');
  expect((await bob.submit("/invitation", { token, name: "<b>Bob</b>", password: goodPassword })).status).toBe(303);
  expect((await admin.open("/members")).text).toContain("&lt;b&gt;Bob&lt;/b&gt;");
});

test("signing in and out; whoever is not signed in is sent to sign in", async () => {
  const visitor = createVisitor(plumbline.url);
  const wrong = await visitor.submit("/sign-in", { email: admin.email, password: "not this one" });
  expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining("The e-mail or the password is wrong.")]);
  const right = await visitor.submit("/sign-in", { email: admin.email, password: goodPassword });
  expect([right.status, right.location]).toEqual([303, "/"]);
  expect((await visitor.open("/")).text).toContain("Firefox on Linux");
  expect((await visitor.open("/sign-in")).location).toBe("/");
  expect((await visitor.submit("/sign-out", {})).location).toBe("/sign-in");
  for (const path of ["/members", "/"]) expect((await visitor.open(path)).location).toBe("/sign-in");
  expect((await visitor.submit("/members/invite", { email: "x@acme.example", role: "admin" })).location).toBe(
    "/sign-in",
  );
});

test("members, roles, invitations and links to new passwords, by hand", async () => {
  const page = await admin.open("/members");
  const bobId = /value="([\w-]{36})"/.exec(page.text.slice(page.text.indexOf("&lt;b&gt;Bob")))![1]!;
  expect((await admin.submit("/members/role", { id: bobId, role: "viewer" })).location).toBe("/members");
  const link = await admin.submit("/members/password-link", { id: bobId });
  expect(link.text).toContain('data-copies="link"');
  expect(link.text).toMatch(/value="http:\/\/127\.0\.0\.1:4000\/new-password#[\w-]{43}"/);
  const invited = await admin.submit("/members/invite", { email: "eve@acme.example", role: "admin" });
  expect(invited.text).toMatch(/invitation#[\w-]{43}/);
  expect((await admin.open("/members")).text).not.toMatch(/#[\w-]{43}/);
  const wrong = await admin.submit("/members/invite", { email: "no address", role: "admin" });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('id="email-fault"')]);
  expect((await admin.submit("/members/role", { id: bobId, role: "owner" })).status).toBe(400);
  expect((await admin.submit("/members/remove", { id: "nobody" })).status).toBe(404);
  const own = (await admin.call("GET", "/me")).json.id;
  const last = await admin.submit("/members/remove", { id: own });
  expect([last.status, last.text]).toEqual([409, expect.stringContaining("last administrator")]);
  expect((await admin.submit("/members/remove", { id: bobId })).location).toBe("/members");
});

test("a member sees no members' page, and none of its forms does anything", async () => {
  const mel = await createMember(plumbline, admin, { email: "mel@acme.example", role: "member" });
  expect((await mel.open("/")).text).not.toContain("/members");
  for (const path of [
    "/members",
    "/members/invite",
    "/members/role",
    "/members/remove",
    "/members/password-link",
    "/workspaces",
  ]) {
    const answer =
      path === "/members"
        ? await mel.open(path)
        : await mel.submit(path, { email: "x@acme.example", role: "admin", id: "x", workspace: "Mine" });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  expect((await admin.call("GET", "/workspaces")).json.items).toHaveLength(1);
});

test("one's own sessions, password and workspaces", async () => {
  const phone = createVisitor(plumbline.url, "Mozilla/5.0 (iPhone) Version/18.0 Mobile/1 Safari/604");
  await phone.submit("/sign-in", { email: admin.email, password: goodPassword });
  const { text } = await admin.open("/");
  const id = /value="([\w-]{36})"/.exec(text.slice(text.indexOf("Safari on iOS")))![1]!;
  for (const _click of [1, 2]) expect((await admin.submit("/sessions/end", { id })).location).toBe("/");
  expect((await phone.open("/")).location).toBe("/sign-in");

  await admin.submit("/workspaces", { workspace: "Second" });
  expect((await admin.open("/")).text).toContain("<h1>Second</h1>");
  await admin.submit("/workspaces/choose", { id: plumbline.workspaceId });
  expect((await admin.open("/")).text).toContain("<h1>My workspace</h1>");
  expect((await admin.submit("/workspaces/choose", { id: "00000000-0000-4000-8000-000000000000" })).status).toBe(403);

  const change = (current: string, next: string) => admin.submit("/password", { current, next });
  expect((await change("not this one", "a whole new sentence")).text).toContain('id="current-fault"');
  expect((await change(goodPassword, "short")).text).toContain('id="next-fault"');
  expect((await change(goodPassword, "a whole new sentence")).text).toContain("The password is changed.");
});

test("an address that is nothing is a page in a browser, and a problem for a program", async () => {
  const page = await admin.open("/membres", { accept: "text/html,*/*;q=0.8" });
  expect([page.status, page.text]).toEqual([404, expect.stringContaining("There is nothing at this address.")]);
  expect(page.text).toContain("Back to the start");
  const program = await admin.open("/membres");
  expect([program.status, JSON.parse(program.text).status]).toEqual([404, 404]);
});

test("static files are asked for again only when they changed; forms are short", async () => {
  for (const path of ["/assets/plumbline.css", "/assets/plumbline.js", "/assets/plumbline.svg"]) {
    const first = await admin.open(path);
    expect([path, first.status]).toEqual([path, 200]);
    const again = await admin.open(path, { "if-none-match": first.headers.get("etag")! });
    expect([path, again.status, again.text]).toEqual([path, 304, ""]);
  }
  expect((await admin.submit("/sign-in", { email: "x".repeat(20_000), password: "x" })).status).toBe(413);
  expect((await admin.submit("/sign-in", { email: "x".repeat(2_000), password: "x" })).status).toBe(400);
  expect((await admin.submit("/sign-in", { email: "a\0b@acme.example", password: "x" })).status).toBe(400);
});
