// The pages around signing in, in a real browser and by keys alone; and that the watch over pages sees what it is there for.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { findBarriers, keepPicture, measureOverflow, openPage, startBrowser } from "../support/browser.ts";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../support/members.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const hostileName = `<img src=x onerror="document.title='broken'"> & "Söhne"`;

let plumbline: TestApp;
let browser: Browser;
let admin: Person;
beforeAll(async () => {
  [plumbline, browser] = await Promise.all([createTestApp(), startBrowser()]);
  admin = await createFirstAdmin(plumbline);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await plumbline?.stop();
}, 60_000);

async function open(options: { width?: number; scheme?: "light" | "dark" } = {}) {
  const watched = await openPage(browser, { url: plumbline.url, ...options });
  onTestFailed(async () => {
    const picture = await keepPicture(watched.page, "signing-in");
    console.error(`${watched.page.url()} when it failed: ${picture}\n${watched.takeTroubles().join("\n")}`);
  });
  return watched;
}

/** Links name the address that people know, which is another one than the test's. */
function hereOf(link: string): string {
  const { pathname, hash } = new URL(link);
  return `${plumbline.url}${pathname}${hash}`;
}

/** Types as people do who have no mouse: the first field has the focus, Tab leads on, Enter sends. */
async function fillByKeys(page: Page, ...texts: string[]): Promise<void> {
  for (const [place, text] of texts.entries()) {
    if (place > 0) await page.keyboard.press("Tab");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
}

test.each([
  { width: 1440, scheme: "light" },
  { width: 390, scheme: "dark" },
] as const)(
  "a wrong password is told, and the right one opens, at $width pixels, $scheme",
  async (look) => {
    const { page, context, takeTroubles } = await open(look);
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await fillByKeys(page, admin.email, "five words everybody has guessed");
    await page.getByRole("alert").waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe(admin.email);
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");
    expect([await findBarriers(page), await measureOverflow(page)]).toEqual([[], 0]);
    // The e-mail is kept, so the password has the focus.
    await fillByKeys(page, goodPassword);
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    expect(takeTroubles()).toEqual([]);
    await context.close();
  },
  60_000,
);

test("an invitation: a link that works once, and a name that nothing is done with", async () => {
  const invited = await admin.call("POST", "/invitations", { email: "ivy@acme.example", role: "member" });
  const { page, context, takeTroubles } = await open({ width: 390 });
  await page.goto(hereOf(invited.json.url));
  await page.getByRole("heading", { name: /^Join / }).waitFor();
  await page.getByLabel("Your name").fill(hostileName);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator("#password[aria-invalid=true]").waitFor();
  expect(await page.getByLabel("Your name").inputValue()).toBe(hostileName);
  expect([await findBarriers(page), await measureOverflow(page)]).toEqual([[], 0]);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  await page.goto("/settings/you");
  await page.getByRole("heading", { name: "You", level: 1 }).waitFor();
  await page.getByText(`${hostileName} · ivy@acme.example`, { exact: true }).waitFor();
  expect(await page.title()).toBe("You – Plumbline");
  const again = await open();
  await again.page.goto(hereOf(invited.json.url));
  await again.page.getByRole("alert").waitFor();
  expect(await again.page.getByLabel("Password", { exact: true }).count()).toBe(0);
  expect([takeTroubles(), again.takeTroubles()]).toEqual([[], []]);
  await Promise.all([context.close(), again.context.close()]);
}, 60_000);

test("members: the name is text, and a link to a new password is made and used", async () => {
  const { page, context, takeTroubles } = await open();
  const gus = await createMember(plumbline, admin, { email: "gus@acme.example", role: "viewer" });
  await page.goto("/sign-in?to=/settings/members");
  await fillByKeys(page, admin.email, goodPassword);
  await page.getByRole("heading", { name: "Members", level: 1 }).waitFor();
  await page.getByText(hostileName, { exact: true }).waitFor();
  await page.getByRole("button", { name: /^More for gus/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Link to a new password" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const link = page.getByRole("textbox", { name: "Link" });
  await link.waitFor();
  const url = await link.inputValue();
  const other = await open();
  await other.page.goto(hereOf(url));
  await other.page.getByRole("heading", { name: "New password" }).waitFor();
  expect(await findBarriers(other.page)).toEqual([]);
  await other.page.keyboard.type("another four quiet words");
  await other.page.keyboard.press("Enter");
  await other.page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  expect((await gus.call("GET", "/me")).status).toBe(401);
  expect([takeTroubles(), other.takeTroubles(), await page.title()]).toEqual([[], [], "Members – Plumbline"]);
  await Promise.all([context.close(), other.context.close()]);
}, 60_000);

test("the reference of the API by keys, and a page for what is not there", async () => {
  const { page, context, takeTroubles } = await open({ width: 390 });
  await page.goto("/api/reference");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement !== document.body")).toBe(true);
  expect([await findBarriers(page), await measureOverflow(page)]).toEqual([[], 0]);
  const answer = await page.goto("/nothing-here");
  expect(answer!.status()).toBe(404);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("the watch tells of scripts that the policy refuses, of errors, of requests that fail, and of barriers", async () => {
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url });
  await page.goto("/sign-in");
  await page.evaluate(`{
    const image = document.createElement("div");
    image.innerHTML = "<img src='/favicon.ico' onload='document.title=1' onerror='document.title=1'><button></button>";
    document.body.append(image);
    setTimeout(() => { throw new Error("thrown on purpose"); });
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = "http://127.0.0.1:1/style.css";
    document.head.append(link);
  }`);
  const seen: string[] = [];
  const look = () => {
    seen.push(...takeTroubles());
    return seen.join("\n");
  };
  await expect.poll(look, { timeout: 10_000 }).toMatch(/inline event handler/i);
  await expect.poll(look).toMatch(/script: thrown on purpose/);
  await expect.poll(look).toMatch(/127\.0\.0\.1:1\/style\.css/);
  expect(await findBarriers(page)).toEqual([
    expect.stringMatching(/^button-name/),
    expect.stringMatching(/^image-alt/),
  ]);
  await context.close();
}, 60_000);
