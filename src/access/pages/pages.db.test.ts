import { afterAll, beforeAll, expect, test } from "vitest";
import { createFirstAdmin, goodPassword, type Person } from "../../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createVisitor, tokenOf } from "../../../test/support/visitor.ts";

const html = { accept: "text/html,*/*;q=0.8" };

let plumbline: TestApp;
let admin: Person;

beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

test("before anybody is there the sign-in says how to begin; the first administrator is told what is wrong beside each field", async () => {
  const visitor = createVisitor(plumbline.url);
  expect((await visitor.open("/", html)).location).toBe("/sign-in");
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
  expect((await bob.call("GET", "/me")).json.name).toBe("<b>Bob</b>");
});

test("signing in; whoever is not signed in is sent to sign in, and comes where they wanted to go", async () => {
  const visitor = createVisitor(plumbline.url);
  const wrong = await visitor.submit("/sign-in", { email: admin.email, password: "not this one", to: "/nps?score=0" });
  expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining("The e-mail or the password is wrong.")]);
  expect(wrong.text).toContain('name="to" value="/nps?score=0"');
  for (const path of ["/accounts/a%20b?days=7", "/settings/members", "/home"]) {
    const { location } = await visitor.open(path, html);
    expect(location).toBe(`/sign-in?${new URLSearchParams({ to: path })}`);
    expect((await visitor.open(location!)).text).toContain(`name="to" value="${path}"`);
  }
  expect((await visitor.open("/", html)).location).toBe("/sign-in");
  const right = await visitor.submit("/sign-in", { email: admin.email, password: goodPassword, to: "/nps?score=0" });
  expect([right.status, right.location]).toEqual([303, "/nps?score=0"]);
  expect((await visitor.open("/sign-in")).location).toBe("/");
});

test.each([
  "https://evil.example/home",
  "//evil.example/home",
  "/\\\\evil.example/home",
  "/\\t/evil.example/home",
  "javascript:alert(1)",
  "/api/v1/me",
  "/sign-in",
  "x".repeat(2_000),
])("a sign-in never leads to %j", async (to) => {
  const visitor = createVisitor(plumbline.url);
  expect((await visitor.open(`/sign-in?${new URLSearchParams({ to })}`)).text).not.toContain('name="to"');
  const answer = await visitor.submit("/sign-in", { email: admin.email, password: goodPassword, to });
  expect([answer.location, to.length > 1_000]).toEqual(to.length > 1_000 ? [null, true] : ["/", false]);
});

test("the application has all of its addresses, and each page of it a nonce of its own", async () => {
  const pages = await Promise.all(
    ["/", "/home", "/accounts/x%2Fy", "/settings/members"].map((path) => admin.open(path, html)),
  );
  const nonces = pages.map(({ status, text, headers }) => {
    const nonce = /data-nonce="([\w-]{22})"/.exec(text)?.[1];
    expect([status, headers.get("content-security-policy")]).toEqual([
      200,
      expect.stringContaining(`style-src 'self' 'nonce-${nonce}'`),
    ]);
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(text).not.toMatch(/<script>|<style|\son\w+=|\sstyle=/);
    return nonce;
  });
  expect(new Set(nonces).size).toBe(pages.length);
  const script = / src="(\/app\/[^"]+)"/.exec(pages[0]!.text)![1]!;
  const { status, headers } = await admin.open(script);
  expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
    200,
    expect.stringContaining("javascript"),
    expect.stringContaining("immutable"),
  ]);
});

test("an address that is nothing is a page in a browser, and a problem for a program", async () => {
  const page = await admin.open("/membres", html);
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
