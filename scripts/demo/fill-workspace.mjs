// Ninety days of a workspace: webhooks as Pendo sends them, to webhook addresses; then files and reports about who they are.
import { createHmac } from "node:crypto";
import { importRecords } from "./fill-records.mjs";
import { sendElsewhere, sendHistory } from "./pendo.mjs";
import { runCommand } from "./programs.mjs";
import { createProgress } from "./progress.mjs";
import { syncReports } from "./reports.mjs";

/**
 * @typedef {import("./state.mjs").DemoConnection} DemoConnection
 * @typedef {import("./state.mjs").DemoConnections} DemoConnections
 */

const day = 24 * 3600;
const duplicates = 0.02;
const strangers = 300;
const held = 60;

/** @param {string} name @param {string[]} options @returns {Promise<DemoConnection>} */
export async function makeConnection(name, ...options) {
  const { id, url, secret } = await runCommand("connection", "create", "--name", name, ...options);
  return { id, path: new URL(url).pathname, secret };
}

/** The connections beside the first. @param {DemoConnection} production @returns {Promise<DemoConnections>} */
export async function makeOtherConnections(production) {
  const [linkOnly, playground, off] = await Promise.all([
    makeConnection("Second subscription (links only)"),
    makeConnection("Playground"),
    makeConnection("Switched off"),
  ]);
  await Promise.all([
    runCommand("connection", "set", linkOnly.id, "--missing", "link", "--filter-kinds", "guideDisplayed"),
    runCommand("connection", "off", off.id),
    runCommand("workspace", "set", "--name", "Demo workspace", "--hierarchy", "on"),
  ]);
  return { production, linkOnly, playground, off };
}

/**
 * @param {DemoConnections} connections @param {number} count
 * @param {import("./api.mjs").DemoApi} api @param {import("./pendo.mjs").DemoPendo} pendo
 */
export async function fillWorkspace(connections, count, api, pendo) {
  await sendWebhooks(connections, count, api);
  console.log("Importing organizations, accounts and people …");
  await importRecords(api, pendo);
  console.log("Syncing two of Pendo's reports …");
  await syncReports(api, pendo, connections.production.id);
}

/**
 * Sends everything and waits until all of it has been worked off.
 * @param {DemoConnections} connections @param {number} count @param {import("./api.mjs").DemoApi} api
 */
async function sendWebhooks(connections, count, api) {
  const oddities = listOddities(connections);
  const total = count + Math.round(count * duplicates) + strangers + held + oddities.length;
  const progress = createProgress("Webhooks sent and recorded", total);
  const watch = setInterval(async () => {
    const ledger = await api.get("/ledger").catch(() => undefined);
    if (ledger) progress.show(ledger.received - ledger.waiting);
  }, 250);
  try {
    await sendAll(connections, count, api.address);
    for (const oddity of oddities) await send(api.address, oddity);
    progress.show(await waitUntilSettled(api));
  } finally {
    clearInterval(watch);
    progress.end();
  }
}

/** @param {DemoConnections} connections @param {number} count @param {string} address */
async function sendAll({ production, linkOnly, off }, count, address) {
  await sendHistory(address, production, count, duplicates);
  // Without questions: they would be called as those of the first subscription are.
  const kinds = "trackEventReceived=60,guideDisplayed=40";
  const elsewhere = { count: strangers, seed: "elsewhere", days: 30, accounts: 12, visitors: 90, kinds };
  await sendElsewhere(address, linkOnly, elsewhere);
  await sendElsewhere(address, off, { count: held, seed: "switched off", days: 2, accounts: 5, visitors: 20 });
}

/** @typedef {{ to: DemoConnection, body: string, signature?: string }} Oddity */

/** What a webhook should not be like, so that there is something to find. @param {DemoConnections} connections @returns {Oddity[]} */
function listOddities({ production, playground }) {
  const now = Math.floor(Date.now() / 1000);
  const signed = /** @param {object} message */ (message) => {
    const body = JSON.stringify(message);
    return { to: production, body, signature: sign(production.secret ?? "", body) };
  };
  const someone = { visitorId: "demo-visitor", accountId: "demo-account", timestamp: now };
  const signedIn = { event: "trackEventReceived", properties: { name: "Signed In" } };
  return [
    signed({ event: "ping", app: { name: "webhook-test" } }),
    signed({ ...someone, event: "npsSubmitted", uniqueId: "demo-score-11", properties: { nps: { rating: 11 } } }),
    signed({ ...someone, event: "npsSubmitted", uniqueId: "demo-no-answer", properties: { nps: {} } }),
    signed({ ...someone, ...signedIn, uniqueId: "demo-long-id", visitorId: "x".repeat(2_000) }),
    signed({ ...someone, ...signedIn, uniqueId: "demo-1970", timestamp: 0 }),
    signed({ ...someone, ...signedIn, uniqueId: "demo-future", timestamp: now + 400 * day }),
    signed({ ...someone, event: "surveyAbandoned", uniqueId: "demo-unknown", properties: {} }),
    { to: production, body: JSON.stringify({ ...someone, ...signedIn }), signature: sign("another secret", "{}") },
    { to: production, body: JSON.stringify({ ...someone, ...signedIn }) },
    { to: playground, body: '{"event":"trackEventReceived","visitorId":"demo-visitor",' },
    { to: playground, body: "[]" },
  ];
}

/** @param {string} secret @param {string} body */
function sign(secret, body) {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** @param {string} address @param {Oddity} oddity */
async function send(address, { to, body, signature }) {
  const response = await fetch(`${address}${to.path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...(signature && { "x-pendo-signature": signature }) },
  });
  await response.text();
}

/** Resolves to how many were received. @param {import("./api.mjs").DemoApi} api @returns {Promise<number>} */
async function waitUntilSettled(api) {
  for (;;) {
    const { received, waiting, difference } = await api.get("/ledger");
    if (waiting === 0) {
      if (difference !== 0) throw new Error(`The ledger shows a difference of ${difference}.`);
      return received;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
