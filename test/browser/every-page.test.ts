// Every page with hostile words in every field: wide and narrow, light and dark. Nothing runs, nothing is wider than the window,
// axe finds nothing serious, the console is silent. And who may see what.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  findBarriers,
  keepPicture,
  measureOverflow,
  openPage,
  startBrowser,
  type Watched,
} from "../support/browser.ts";
import { createFirstAdmin, createMember, goodPassword, type Person } from "../support/members.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";
import type { Visitor } from "../support/visitor.ts";

const script = `"><img src=x onerror="document.title='broken'"><script>document.title='broken'</script>`;
const hostile = [script, "‮right to left‬ \u202e", "w".repeat(180), "{{7*7}} #{7*7} <%= 7*7 %>", "Zoë 👩‍👩‍👧‍👦 ﷽"];

/** Which of them is the name of a user who answered. */
const named = 3;

let plumbline: TestApp;
let browser: Browser;
let admin: Person;
const ids: Record<string, string> = {};

beforeAll(async () => {
  [plumbline, browser] = await Promise.all([createTestApp(), startBrowser()]);
  admin = await createFirstAdmin(plumbline);
  await admin.call("PATCH", `/workspaces/${plumbline.workspaceId}`, {
    name: hostile[0]!.slice(0, 190),
    hierarchy: true,
  });
  const connection = await plumbline.connect();
  for (const [place, text] of hostile.entries()) {
    const about = { visitorId: text, accountId: `${text} account` };
    await plumbline.send(
      connection,
      createBody("trackEventReceived", { name: text, eventProperties: { [text]: text } } as never, about),
    );
    await plumbline.send(
      connection,
      createBody(
        "npsSubmitted",
        { guideId: text, guideProperties: { name: text }, nps: { rating: place, reason: text } } as never,
        about,
      ),
    );
    await plumbline.send(
      connection,
      createBody(
        "pollSubmitted",
        { guideId: text, guideProperties: { name: text }, poll: { id: text, question: text, response: text } } as never,
        about,
      ),
    );
    await plumbline.send(connection, createBody(text, { text } as never, about));
  }
  await plumbline.settle();
  const key = await admin.call("POST", "/api-keys", { name: hostile[2]!, scopes: ["read", "write"] });
  ids.key = key.json.key;
  const file = `externalId,name,email,account,${script.replaceAll('"', "'")}\n${hostile.map((text, place) => [`import-${place}`, text, "x@acme.example", `${text} account`, text].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\n")}\nnull,Nobody,,,\n`;
  await fetch(`${plumbline.url}/api/v1/imports?kind=user`, {
    method: "POST",
    headers: { authorization: `Bearer ${ids.key}`, "content-type": "text/csv" },
    body: file,
  });
  await plumbline.app.imports.settleAll();
  await plumbline.send(
    connection,
    createBody("npsSubmitted", { guideId: "named", nps: { rating: 1, reason: "Of somebody with a name" } } as never, {
      visitorId: `import-${named}`,
      accountId: `${hostile[named]} account`,
    }),
  );
  await plumbline.settle();
  await createMember(plumbline, admin, { email: "mel@acme.example", role: "member" });
  const first = async (path: string) => ((await admin.call("GET", path)).json.items[0] as { id: string }).id;
  for (const list of ["accounts", "users", "polls", "deliveries", "connections", "imports"])
    ids[list] = await first(
      `/${list}?${list === "accounts" || list === "users" || list === "deliveries" || list === "imports" ? "limit=1" : ""}`,
    );
  const [organization] = hostile;
  await fetch(`${plumbline.url}/resources/organizations`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${ids.key}:`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ externalId: organization, name: organization, traits: { [organization!]: organization } }),
  });
  ids.organizations = await first("/organizations?limit=1");
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await plumbline?.stop();
}, 60_000);

/** The session of somebody, as a browser keeps it. */
function stateOf({ cookie }: Visitor) {
  const cookies = cookie!.split("; ").map((one) => {
    const [name = "", ...value] = one.split("=");
    return {
      name,
      value: value.join("="),
      domain: "127.0.0.1",
      path: "/",
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: "Lax" as const,
    };
  });
  return { cookies, origins: [] };
}

const everyPage: [string, string, () => string][] = [
  ["home", "Home", () => "/home"],
  ["accounts", "Accounts", () => "/accounts"],
  ["an account", "", () => `/accounts/${ids.accounts}`],
  ["its timeline", "", () => `/accounts/${ids.accounts}?tab=timeline`],
  ["its answers", "", () => `/accounts/${ids.accounts}?tab=answers`],
  ["organizations", "Organizations", () => "/organizations"],
  ["an organization", "", () => `/organizations/${ids.organizations}`],
  ["users", "Users", () => "/users"],
  ["a user", "", () => `/users/${ids.users}`],
  ["NPS", "NPS", () => "/nps"],
  ["polls", "Polls", () => "/polls"],
  ["a poll", "", () => `/polls/${ids.polls}`],
  ["deliveries", "Deliveries", () => "/deliveries"],
  ["a delivery", "Deliveries", () => `/deliveries/${ids.deliveries}`],
  ["settings", "Settings", () => "/settings"],
  ["integrations", "Integrations", () => "/settings/integrations"],
  ["a connection", "", () => `/settings/integrations/${ids.connections}`],
  ["imports", "Imports", () => "/settings/imports"],
  ["an import", "Imports", () => `/settings/imports/${ids.imports}`],
  ["the workspace", "Workspace", () => "/settings/workspace"],
  ["members", "Members", () => "/settings/members"],
  ["API keys", "API keys", () => "/settings/api-keys"],
  ["the audit log", "Audit log", () => "/settings/audit-log"],
  ["oneself", "You", () => "/settings/you"],
  ["nothing", "", () => "/accounts/nobody"],
];

describe.each([
  { width: 1440, scheme: "light" },
  { width: 390, scheme: "dark" },
] as const)("at $width pixels, $scheme", ({ width, scheme }) => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await openPage(browser, { url: plumbline.url, state: stateOf(admin), width, scheme });
  });
  afterAll(() => watched.context.close());

  test.each(everyPage)(
    "%s",
    async (name, title, path) => {
      const { page, takeTroubles } = watched;
      await page.goto(path());
      await page.getByRole("heading").first().waitFor();
      // What loads has its place held by something that says so.
      await expect
        .poll(() => page.locator("[aria-busy=true], .mantine-Skeleton-root").count(), { timeout: 20_000 })
        .toBe(0);
      const found = {
        overflow: await measureOverflow(page),
        barriers: await findBarriers(page),
        troubles: takeTroubles(),
        title: await page.title(),
      };
      const expected = {
        overflow: 0,
        barriers: [],
        troubles: [],
        title: title === "" ? expect.stringMatching(/Plumbline$/) : `${title} – Plumbline`,
      };
      if (found.overflow > 0 || found.barriers.length > 0)
        console.error(`${name}: ${await keepPicture(page, name.replaceAll(" ", "-"))}`);
      expect(found).toEqual(expected);
    },
    60_000,
  );
});

test("the signing-in pages, too", async () => {
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url });
  for (const path of ["/sign-in?to=/nps", "/invitation", "/api/reference", "/nothing-here"]) {
    await page.goto(path);
    expect([path, await findBarriers(page), takeTroubles()]).toEqual([path, [], []]);
  }
  await context.close();
}, 60_000);

test("by keys alone: signing in leads where one wanted to go, the menu and the search are reached", async () => {
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url });
  await page.goto("/nps?days=7");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.keyboard.type(admin.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(goodPassword);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "NPS", level: 1 }).waitFor();
  expect(new URL(page.url()).search).toBe("?days=7");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the page");
  await page.keyboard.press("Control+k");
  await page
    .getByRole("textbox", { name: "Search" })
    .or(page.getByPlaceholder("Accounts, users, guides, pages"))
    .first()
    .waitFor();
  await page.keyboard.type("import-0");
  await page.getByText("user · import-0").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/users\//);
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("whoever has a name is called by it wherever they are named; the external ID is beside it", async () => {
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url, state: stateOf(admin) });
  const { items } = (await admin.call("GET", `/users?externalId=import-${named}`)).json;
  const name = hostile[named]!;
  const link = page.getByRole("link", { name, exact: true }).and(page.getByTitle(`import-${named}`));
  await page.goto("/nps?days=all");
  await page.getByRole("article").filter({ hasText: "Of somebody with a name", has: link }).waitFor();
  await page.goto(`/accounts/${items[0].accounts[0].id}?tab=answers`);
  await page.getByRole("article").filter({ has: link }).waitFor();
  await page.goto(`/users/${items[0].id}`);
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.goto(
    `/deliveries/${(await admin.call("GET", `/nps-responses?user=${items[0].id}`)).json.items[0].deliveryId}`,
  );
  await page.getByRole("dialog").getByRole("link", { name, exact: true }).waitFor();
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("a viewer is shown nothing that they may not do; signing out ends it", async () => {
  const viewer = await createMember(plumbline, admin, { email: "vic@acme.example", role: "viewer" });
  const { page, context, takeTroubles } = await openPage(browser, { url: plumbline.url, state: stateOf(viewer) });
  await page.goto("/settings");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  const entries = await page.locator("main a.card-link").allInnerTexts();
  expect(entries.map((text) => text.split("\n")[0])).toEqual(["Integrations", "Imports", "You"]);
  await page.goto("/deliveries");
  await page.getByRole("table", { name: "Deliveries" }).waitFor();
  expect(await page.getByRole("button", { name: "Replay all that match" }).count()).toBe(0);
  await page.goto(`/settings/integrations/${ids.connections}`);
  await page.getByText("Administrators see the address.").waitFor();
  expect(await page.getByRole("button", { name: "Send a sample" }).count()).toBe(0);
  await page.getByRole("button", { name: /vic.*your account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto("/home");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(takeTroubles()).toEqual([]);
  await context.close();
}, 60_000);

test("two workspaces: each tab stays with its own, and nothing of one is on the other's pages", async () => {
  const two = await admin.call("POST", "/workspaces", { name: "Second" });
  const one = await openPage(browser, { url: plumbline.url, state: stateOf(admin) });
  await one.page.goto("/settings/workspace");
  await one.page.getByRole("heading", { name: "Workspace", exact: true }).waitFor();
  await one.page
    .getByRole("button", { name: "Open Second" })
    .or(one.page.getByText("open", { exact: true }))
    .first()
    .waitFor();
  const open = one.page.getByRole("button", { name: "Open Second" });
  if ((await open.count()) > 0) await open.click();
  await one.page.goto("/accounts");
  await one.page.getByText("No accounts yet").waitFor();
  const other = await one.context.newPage();
  await other.goto("/settings/workspace");
  await other.getByRole("button", { name: /^Open ">/ }).click();
  await other.waitForURL(/home/);
  await other.goto("/accounts");
  await other.getByRole("row").nth(1).waitFor();
  await one.page.reload();
  await one.page.getByText("No accounts yet").waitFor();
  expect(two.status).toBe(201);
  expect(one.takeTroubles()).toEqual([]);
  await one.context.close();
}, 60_000);
