// A list under somebody's hands: sorted, filtered, paged and back again; the address says what is shown.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { createFirstAdmin, goodPassword, type Person } from "../support/members.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

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
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url });
  const search = () => new URL(page.url()).search;
  const firstRow = () => page.getByRole("row").nth(1).textContent();
  await page.goto("/sign-in?to=/users");
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.keyboard.press("Enter");
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
