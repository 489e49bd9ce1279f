// A list under somebody's hands: sorted, filtered, paged and back again; the address says what is shown.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, startBrowser, type Watched } from "../support/browser.ts";
import { createFirstAdmin, goodPassword, type Person } from "../support/members.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
let browser: Browser;
let admin: Person;

beforeAll(async () => {
  [plumbline, browser] = await Promise.all([createTestApp(), startBrowser()]);
  admin = await createFirstAdmin(plumbline);
  const rows = [...Array(60).keys()].map((place) => `u-${place},User ${String(place).padStart(2, "0")}`);
  await fetch(`${plumbline.url}/api/v1/imports?kind=user`, {
    method: "POST",
    headers: { authorization: `Bearer ${plumbline.key}`, "content-type": "text/csv" },
    body: `externalId,name\n${rows.join("\n")}\n`,
  });
  await plumbline.app.imports.settleAll();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await plumbline?.stop();
}, 60_000);

test("users by name, from the last one, the next page, a search, and all of it taken out", async () => {
  const { page, context, takeTroubles } = await openSignedIn("/users");
  const search = () => new URL(page.url()).search;
  const firstRow = () => page.getByRole("row").nth(1).textContent();
  const heading = page.getByRole("columnheader", { name: "User" });
  await heading.getByRole("button").click();
  await expect.poll(firstRow).toContain("User 00");
  expect(search()).toBe("?sort=name");
  await heading.getByRole("button").click();
  await expect.poll(firstRow).toContain("User 59");
  expect([search(), await heading.getAttribute("aria-sort")]).toEqual(["?sort=-name", "descending"]);

  await page.getByRole("button", { name: "Next page" }).click();
  await expect.poll(firstRow).toContain("User 09");
  expect(search()).toMatch(/^\?sort=-name&from=[\w-]+$/);
  await page.getByRole("button", { name: "Back" }).click();
  await expect.poll(firstRow).toContain("User 59");

  await page.getByPlaceholder("Name, external ID or e-mail").fill("User 3");
  await expect.poll(() => page.getByRole("row").count()).toBe(11);
  expect(new URLSearchParams(search()).get("q")).toBe("User 3");
  await page.getByPlaceholder("Seen at any time").click();
  await page.getByRole("option", { name: "Never seen" }).click();
  await expect.poll(() => new URLSearchParams(search()).get("seen")).toBe("never");
  await expect.poll(() => page.getByRole("row").count()).toBe(11);
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect.poll(() => page.getByRole("row").count()).toBe(51);
  expect(search()).toBe("?sort=-name");
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("what comes while somebody reads moves no row until they say so, and is counted", async () => {
  const connection = await plumbline.connect();
  const { page, context, takeTroubles } = await openSignedIn("/users");
  const first = page.getByRole("row").nth(1);
  await expect.poll(() => page.getByRole("row").count()).toBe(51);
  await first.hover();
  const before = await first.textContent();
  for (const visitorId of ["new-1", "new-2"])
    await plumbline.send(connection, createBody("trackEventReceived", { name: "Came" }, { visitorId }));
  await plumbline.settle();
  const news = page.getByRole("button", { name: "2 new – show" });
  await news.waitFor();
  expect(await first.textContent()).toBe(before);
  await news.click();
  await expect.poll(() => first.textContent()).toContain("new-2");
  await news.waitFor({ state: "detached" });
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("a key is revoked by its name alone, and typed words are not left behind unasked", async () => {
  await admin.call("POST", "/api-keys", { name: "CRM", scopes: ["read"] });
  const { page, context, takeTroubles } = await openSignedIn("/settings/api-keys");
  await page.getByRole("button", { name: "Revoke CRM" }).click();
  const question = page.getByRole("dialog", { name: "Revoke “CRM”?" });
  const revoke = question.getByRole("button", { name: "Revoke" });
  expect(await revoke.isDisabled()).toBe(true);
  await question.getByRole("textbox").fill("CRM");
  await revoke.click();
  await page.getByRole("row", { name: /CRM.*revoked/ }).waitFor();
  await page.getByLabel("Name").fill("Half a name");
  await page.getByRole("link", { name: "Users" }).click();
  const stay = page.getByRole("dialog", { name: "Leave without saving?" });
  await stay.getByRole("button", { name: "Stay" }).click();
  await stay.waitFor({ state: "detached" });
  expect([new URL(page.url()).pathname, await page.getByLabel("Name").inputValue()]).toEqual([
    "/settings/api-keys",
    "Half a name",
  ]);
  await page.getByRole("link", { name: "Users" }).click();
  await stay.getByRole("button", { name: "Leave it behind" }).click();
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("a list stays as it is while one of its rows is open beside it", async () => {
  const connection = await plumbline.connect();
  await plumbline.send(connection, createBody("trackEventReceived", { name: "Came" }, { visitorId: "beside" }));
  await plumbline.settle();
  const { page, context, takeTroubles } = await openSignedIn("/deliveries");
  const row = page.getByRole("row").filter({ hasText: "beside" });
  const drawn = await row.elementHandle();
  await row.click();
  const panel = page.getByRole("dialog");
  await panel.waitFor();
  await page.waitForURL(/\/deliveries\/[\w-]+$/);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  await page.waitForURL(/\/deliveries$/);
  // Drawn anew, it would be another one that looks the same.
  expect(await drawn!.evaluate((node: any) => node.isConnected)).toBe(true);
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("what could not be loaded says so, and goes on saying so while more of it comes", async () => {
  const connection = await plumbline.connect();
  const { page, context, takeTroubles } = await openSignedIn("/");
  await page.route(/\/api\/v1\/polls\b/, (route) => route.fulfill({ status: 500, body: "{}" }));
  await page.getByRole("link", { name: "Polls" }).click();
  const failed = page.getByText("This could not be loaded");
  await failed.waitFor();
  const answer = { guideId: "g-1", pollId: "p-1", question: "Well?", pollType: "YesNo", pollResponse: 1 };
  await plumbline.send(connection, createBody("pollSubmitted", answer, { visitorId: "voter" }));
  await plumbline.settle();
  // The page hears of it, and waits a second for more.
  const counts = new Set<number>();
  for (const until = performance.now() + 3_000; performance.now() < until; ) counts.add(await failed.count());
  expect([...counts]).toEqual([1]);
  await page.unroute(/\/api\/v1\/polls\b/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: /Well\?/ }).waitFor();
  takeTroubles();
  await context.close();
}, 60_000);

async function openSignedIn(path: string): Promise<Watched> {
  const watched = await openPage(browser, { url: plumbline.url });
  const { page } = watched;
  await page.goto(`/sign-in?${new URLSearchParams({ to: path })}`);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.keyboard.press("Enter");
  return watched;
}
