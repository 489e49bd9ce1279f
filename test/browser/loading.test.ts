// What the pages load: little, compressed, once; and what draws charts only where there are charts.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { kibibytes, listBuiltFiles, listChartScripts, weigh } from "../support/built-pages.ts";
import { createFirstAdmin, goodPassword, type Person } from "../support/members.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

type State = Parameters<typeof openPage>[1]["state"];

let plumbline: TestApp;
let browser: Browser;
let admin: Person;
let state: State;
const ids: Record<string, string> = {};

beforeAll(async () => {
  [plumbline, browser] = await Promise.all([createTestApp(), startBrowser()]);
  admin = await createFirstAdmin(plumbline);
  const connection = await plumbline.connect();
  const about = { visitorId: "ann", accountId: "acme" };
  await plumbline.send(connection, createBody("npsSubmitted", { nps: { rating: 9, reason: "Fast." } } as never, about));
  const poll = { id: "p1", question: "How was it?", response: "Good" };
  await plumbline.send(connection, createBody("pollSubmitted", { poll } as never, about));
  await plumbline.settle();
  for (const list of ["accounts", "users", "polls", "connections"])
    ids[list] = ((await admin.call("GET", `/${list}`)).json.items[0] as { id: string }).id;
  state = await signIn();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await plumbline?.stop();
}, 60_000);

async function signIn(): Promise<State> {
  const { page, context } = await openPage(browser, { url: plumbline.url });
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/home$/);
  const kept = await context.storageState();
  await context.close();
  return kept;
}

/** What a browser that has nothing yet fetches of the built files until the page is drawn. */
async function loadPage(path: string): Promise<string[]> {
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url, state: state! });
  const files: string[] = [];
  page.on("response", (response) => {
    const [, file] = /\/app\/([^/]+)$/.exec(new URL(response.url()).pathname) ?? [];
    if (file !== undefined) files.push(file);
  });
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expect
    .poll(() => page.locator("[aria-busy=true], .mantine-Skeleton-root").count(), { timeout: 20_000 })
    .toBe(0);
  expect([path, takeTroubles()]).toEqual([path, []]);
  await context.close();
  return files;
}

const scriptsOf = (files: readonly string[]) => files.filter((name) => name.endsWith(".js"));

test("the start page's scripts are at most 230 KiB, compressed", async () => {
  const scripts = scriptsOf(await loadPage("/home"));
  expect(new Set(scripts).size).toBe(scripts.length);
  const size = kibibytes(weigh(scripts));
  expect(size).toBeGreaterThan(50);
  expect(size).toBeLessThanOrEqual(230);
}, 60_000);

test.each([
  ["/home", false],
  ["/accounts", false],
  ["/users", false],
  ["/organizations", false],
  ["/polls", false],
  ["/deliveries", false],
  ["/settings", false],
  ["/settings/integrations", false],
  ["/settings/members", false],
  ["/accounts/:accounts", true],
  ["/users/:users?tab=timeline", false],
  ["/nps", true],
  ["/polls/:polls", true],
  ["/settings/integrations/:connections", true],
])(
  "%s loads what draws charts: %s",
  async (path, hasCharts) => {
    const scripts = scriptsOf(await loadPage(path.replace(/:(\w+)/, (_, list: string) => ids[list]!)));
    const chartScripts = listChartScripts();
    expect(scripts.some((name) => chartScripts.includes(name))).toBe(hasCharts);
  },
  60_000,
);

test("every built file comes compressed, and never has to be asked for again", async () => {
  for (const [name, taken, encoding] of listBuiltFiles().flatMap((file) => [
    [file, "gzip, deflate", "gzip"] as const,
    [file, "gzip, deflate, br, zstd", "br"] as const,
  ])) {
    const { status, headers } = await admin.open(`/app/${name}`, { "accept-encoding": taken });
    expect({ name, status, ...pick(headers) }).toEqual({
      name,
      status: 200,
      "content-encoding": encoding,
      "cache-control": expect.stringMatching(/max-age=31536000.*immutable/),
      vary: expect.stringMatching(/accept-encoding/i),
    });
  }
  const [name] = listBuiltFiles();
  const plain = await admin.open(`/app/${name}`, { "accept-encoding": "identity" });
  expect([plain.status, plain.headers.get("content-encoding")]).toEqual([200, null]);
});

function pick(headers: Headers): Record<string, string | null> {
  return Object.fromEntries(["content-encoding", "cache-control", "vary"].map((name) => [name, headers.get(name)]));
}
