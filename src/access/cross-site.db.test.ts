import { afterAll, beforeAll, expect, test } from "vitest";
import { createFirstAdmin, goodPassword, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor } from "../../test/support/visitor.ts";

let plumbline: TestApp;
let admin: Person;

beforeAll(async () => {
  plumbline = await createTestApp();
  admin = await createFirstAdmin(plumbline);
});
afterAll(() => plumbline.stop());

/** Sends a change with the cookie, and exactly these headers. */
async function change(headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${plumbline.url}/api/v1/workspaces/${plumbline.workspaceId}`, {
    method: "PATCH",
    headers: { cookie: admin.cookie!, "content-type": "application/json", ...headers },
    body: JSON.stringify({ name: "Changed" }),
  });
  return response.status;
}

test("a change by cookie needs the browser's word that it is our page, and a header that no other site can send", async () => {
  const origin = plumbline.url;
  const header = { "x-requested-with": "Plumbline" };
  const cases: [Record<string, string>, number][] = [
    [{ origin, ...header }, 200],
    [{ "sec-fetch-site": "same-origin", ...header }, 200],
    [{ origin, "sec-fetch-site": "same-origin", ...header }, 200],
    [{ origin }, 403],
    [header, 403],
    [{}, 403],
    [{ origin: "https://evil.example", ...header }, 403],
    [{ origin: "null", ...header }, 403],
    [{ origin: `${origin}.evil.example`, ...header }, 403],
    [{ origin: origin.replace("http:", "ftp:"), ...header }, 403],
    [{ origin, "sec-fetch-site": "cross-site", ...header }, 403],
    [{ "sec-fetch-site": "same-site", ...header }, 403],
    [{ "sec-fetch-site": "none", ...header }, 403],
    // The one our own address is behind a proxy, whatever Host it sends on.
    [{ origin: "http://127.0.0.1:4000", ...header }, 200],
  ];
  for (const [headers, status] of cases) expect([headers, await change(headers)]).toEqual([headers, status]);
});

test("a key needs none of it, and counts alone: a cookie beside it changes nothing", async () => {
  expect((await plumbline.call("PATCH", `/workspaces/${plumbline.workspaceId}`, { name: "By key" })).status).toBe(200);
  expect(await change({ authorization: "Bearer plk_wrong" })).toBe(401);
});

test("another site can neither sign somebody in nor have the cookie do anything", async () => {
  const credentials = { email: admin.email, password: goodPassword };
  const evil = { origin: "https://evil.example" };
  const visitor = createVisitor(plumbline.url);
  expect((await visitor.call("POST", "/session", credentials, evil)).status).toBe(403);
  expect((await visitor.submit("/sign-in", credentials, evil)).status).toBe(403);
  expect((await visitor.submit("/sign-in", credentials, { origin: "null" })).status).toBe(403);
  expect(visitor.cookie).toBeUndefined();

  expect((await admin.call("GET", "/me")).status).toBe(200);
});

test("every answer says that it is not to be kept, framed or guessed at, and a page loads nothing from elsewhere", async () => {
  for (const path of ["/sign-in", "/setup", "/", "/home", "/api/v1/me", "/api/v1/events", "/nothing-here", "/health"]) {
    const { headers } = await admin.open(path);
    expect([path, headers.get("x-content-type-options"), headers.get("cache-control")]).toEqual([
      path,
      "nosniff",
      "no-store",
    ]);
    expect([path, headers.get("content-security-policy")]).toEqual([
      path,
      expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'/),
    ]);
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("referrer-policy")).toMatch(/^(no-referrer|same-origin)$/);
  }
  const { text } = await admin.open("/sign-in");
  expect(text).not.toMatch(/<script>|<style|\son\w+=|\sstyle=/);
});
