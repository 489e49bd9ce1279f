// The first day, in a real browser: from the setup link to a repaired delivery, without a reload where data should come by itself.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { findBarriers, keepPicture, openPage, startBrowser, type Watched } from "../support/browser.ts";
import {
  createHome,
  type Home,
  type PlumblineProcess,
  runJsonCommand,
  startPlumbline,
} from "../support/plumbline-process.ts";

const password = "four words nobody guesses";
let home: Home;
let plumbline: PlumblineProcess;
let simulator: Awaited<ReturnType<typeof startPendoSimulator>>;
let browser: Browser;
let ada: Watched;

beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", visitors: 20, accounts: 4, days: 2, count: 100 });
  home = createHome({ PENDO_API_BASE_URL: simulator.url });
  [plumbline, browser] = await Promise.all([startPlumbline(home), startBrowser()]);
  ada = await openPage(browser, { url: plumbline.url });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await plumbline?.stop();
  await simulator?.stop();
  home?.remove();
}, 60_000);

let address: string;
let number = 0;

/** As Pendo would. */
async function send(
  event: string,
  properties: object,
  about: { visitorId?: string; accountId?: string } = {},
): Promise<string> {
  number += 1;
  const body = {
    event,
    uniqueId: `day-${number}`,
    visitorId: "v-1",
    accountId: "a-1",
    timestamp: Math.floor(Date.now() / 1000),
    properties,
    ...about,
  };
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { deliveryId: string }).deliveryId;
}

/** Everything that a page must not have, whatever is on it. */
async function expectClean(): Promise<void> {
  expect(await findBarriers(ada.page)).toEqual([]);
  expect(ada.takeTroubles()).toEqual([]);
}

function tellOnFailure(name: string): void {
  onTestFailed(async () =>
    console.error(`${name} failed at ${ada.page.url()}; the page: ${await keepPicture(ada.page, name)}`),
  );
}

test("the setup link makes the first administrator, and leads to three steps", async () => {
  tellOnFailure("setup");
  const { page } = ada;
  const { url } = await runJsonCommand<{ url: string }>(home, "member", "invite-first");
  await page.goto(`/setup${new URL(url).hash}`);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@acme.example");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  await page.getByText("Three steps to the first event").waitFor();
  await expectClean();
}, 60_000);

test("the connection shows its address to copy; a sample goes its way, and can be taken out", async () => {
  tellOnFailure("connection");
  const { page } = ada;
  await page.getByRole("link", { name: "Connect Pendo" }).click();
  await page.getByRole("button", { name: "Copy the address" }).click();
  address = String(await page.evaluate("navigator.clipboard.readText()"));
  expect(address).toMatch(new RegExp(`^${plumbline.url}/hooks/pendo/[\\w-]{32}$`));
  await page.getByRole("button", { name: "Send a sample" }).click();
  const samples = page.getByRole("status", { name: "What became of the samples" });
  await expect.poll(() => samples.getByText("recorded", { exact: true }).count(), { timeout: 20_000 }).toBe(8);
  await page.getByRole("button", { name: "Take out what they made" }).click();
  await page.getByText("What the samples made is gone.").waitFor();
  await expectClean();
}, 60_000);

test("events, NPS answers and polls appear without a reload, and the numbers are those of the API", async () => {
  tellOnFailure("live");
  const { page } = ada;
  await page.getByRole("link", { name: "Deliveries", exact: true }).click();
  await page.getByRole("heading", { name: "Deliveries", level: 1 }).waitFor();
  await page.evaluate("window.stays = true");
  await send("trackEventReceived", { name: "Report Exported" });
  await page.getByRole("row", { name: /recorded Track event a-1 v-1/ }).waitFor();
  await page.getByRole("link", { name: "NPS", exact: true }).click();
  await page.getByText("No answers here").waitFor();
  await send("npsSubmitted", {
    guideId: "g-1",
    guideProperties: { name: "Quarterly" },
    nps: { rating: 0, reason: "It is <b>slow</b>" },
  });
  await page.getByText("It is <b>slow</b>").waitFor();
  await expect.poll(() => page.getByLabel("The score").textContent(), { timeout: 20_000 }).toMatch(/^-1001 answers/);
  await page.getByRole("link", { name: "Polls", exact: true }).click();
  await send("pollSubmitted", {
    guideId: "g-2",
    guideProperties: { name: "After the export" },
    poll: { id: "p", question: "Was it easy?", response: "y", choices: [{ id: "y", label: "Yes, very" }] },
  });
  await page.getByText("Was it easy?").click();
  await page.getByText("Yes, very").first().waitFor();
  expect(await page.evaluate("window.stays")).toBe(true);
  await expectClean();
}, 60_000);

test("a mapping is tried before it is saved; what is parked then is repaired when the cause is gone", async () => {
  tellOnFailure("mapping");
  const { page } = ada;
  await page.goto("/settings/integrations");
  await page.getByRole("link", { name: /Pendo/ }).last().click();
  await page.getByLabel("Integration key").fill(simulator.integrationKey);
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("valid", { exact: true }).waitFor();
  const users = page
    .getByRole("combobox", { name: "Users are recognised by" })
    .or(page.getByLabel("Users are recognised by"));
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("linked to a record").first().waitFor();
  await users.first().click();
  await page.getByRole("option", { name: /^agent\.email/ }).click();
  await page.getByText(/Applied to what is already here/).waitFor();
  await page.getByRole("button", { name: "Save the mapping" }).click();
  await page.getByText("Users are recognised by agent.email, accounts by accountId.", { exact: false }).waitFor();
  // Pendo knows no such visitor.
  await send("trackEventReceived", { name: "By a stranger" }, { visitorId: "nobody-knows-me" });
  const parked = page.getByRole("row", { name: /does not know this visitor/ });
  await parked.waitFor({ timeout: 40_000 });
  await users.first().click();
  await page.getByRole("option", { name: /Pendo's own visitorId/ }).click();
  await page.getByRole("button", { name: "Save the mapping" }).click();
  await parked.waitFor({ state: "detached", timeout: 40_000 });
  await page.getByText("Nothing is parked.").waitFor();
  await expectClean();
}, 120_000);

test("a report is added and synced; the account's page has its trait, with where it comes from", async () => {
  tellOnFailure("report");
  const { page } = ada;
  await page.getByRole("button", { name: "Add a report" }).click();
  await page.getByRole("button", { name: "Choose Account health" }).click();
  await page.getByRole("button", { name: /^Sync \d+ traits$/ }).click();
  const reports = page.getByRole("table", { name: "Synced reports" });
  await reports.getByText("done").or(reports.getByText("not yet")).first().waitFor();
  await reports.getByRole("button", { name: "Sync now" }).click();
  await expect.poll(() => reports.textContent(), { timeout: 60_000 }).toMatch(/done/);
  await page.goto("/accounts");
  const answer = await fetch(`${plumbline.url}/api/v1/accounts`, { headers: await signedIn() });
  const { items } = (await answer.json()) as { items: { id: string; traits: Record<string, unknown> }[] };
  const account = items.find(({ traits }) => Object.keys(traits).length > 0)!;
  await page.goto(`/accounts/${account.id}`);
  const [name, value] = Object.entries(account.traits).find(([, one]) => typeof one === "number") as [string, number];
  await page.getByRole("button", { name: new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}: `) }).click();
  await page.getByRole("dialog").getByText("From Account health").waitFor();
  await page
    .getByRole("dialog")
    .getByRole("row")
    .first()
    .getByText(new Intl.NumberFormat("en-US", { maximumFractionDigits: 10 }).format(value), { exact: true })
    .waitFor();
  await expectClean();
}, 120_000);

async function signedIn(): Promise<Record<string, string>> {
  const cookies = await ada.context.cookies();
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
}

test("a delivery that failed is found, shows its way, and is replayed when it can be recorded", async () => {
  tellOnFailure("replay");
  const { page } = ada;
  await send("featureClicked", { feature: "export" });
  await page.goto("/deliveries?state=filtered");
  await page
    .getByRole("row", { name: /featureClicked/ })
    .first()
    .click();
  const panel = page.getByRole("dialog", { name: "Delivery" });
  await panel.getByText("does not know this kind").first().waitFor();
  await page.goto("/settings/integrations");
  await page.getByRole("link", { name: /Pendo/ }).last().click();
  // The switch itself is hidden under its picture.
  await page.getByLabel("featureClicked").click({ force: true });
  await page.getByRole("button", { name: "Replay those kept" }).click();
  await page.goto("/deliveries?kind=featureClicked");
  await page
    .getByRole("row", { name: /recorded featureClicked/ })
    .first()
    .waitFor();
  await expectClean();
}, 60_000);
