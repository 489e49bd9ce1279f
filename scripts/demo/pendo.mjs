// The demo's Pendo: its API, which is asked for people and reports, and what goes on happening there.
import { runSimulator, startSimulator } from "./programs.mjs";

/**
 * @typedef {Awaited<ReturnType<typeof startPendo>>} DemoPendo
 * @typedef {{ path: string, secret: string | null }} Address a connection's webhook address
 */

export const integrationKey = "demo-integration-key";
/** So that nearly everybody who is new in the ninety days has appeared by their end. */
const kinds =
  "trackEventReceived=38,guideDisplayed=21,pollDisplayed=9,pollSubmitted=10,npsDisplayed=8,npsSubmitted=7,visitorCreated=7,accountCreated=1,ping=0.2,pageLoaded=1.5,featureClicked=1.5";
/** What the world is made of: the same for its API, its history and what happens now. */
const world = { seed: "plumbline", words: "everyday", days: 90, accounts: 350, visitors: 2600, kinds };
const day = 24 * 3600;
const secondsBetween = 5;

/** Serves Pendo's API on a free port until the demo ends. @param {number} count */
export async function startPendo(count) {
  const url = await startSimulator(
    ["serve", "--port", "0", "--until-eof", "--integration-key", integrationKey, ...toWords({ ...world, count })],
    /Pendo's API: (\S+)\/api\/v1/,
  );
  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  async function ask(path, body) {
    const response = await fetch(`${url}${path}`, {
      headers: { "x-pendo-integration-key": integrationKey },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${path} of the demo's Pendo answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
  /** @param {string} name @returns {Promise<string>} */
  async function findReport(name) {
    const reports = await ask("/simulator/reports");
    return reports.find((/** @type {any} */ report) => report.name === name).id;
  }
  return {
    url,
    findReport,
    /** Accounts or people with what Pendo knows of them. @param {"accounts" | "visitors"} source @returns {Promise<any[]>} */
    async list(source) {
      const request = { pipeline: [{ source: { [source]: null } }] };
      const { results } = await ask("/api/v1/aggregation", { response: { mimeType: "application/json" }, request });
      // Pendo keeps ids that are nobody's as well.
      return results.filter((/** @type {any} */ { metadata: { agent } }) => agent.name ?? agent.full_name);
    },
    /** @param {string} name @param {object[]} rows */
    async writeReport(name, rows) {
      await ask(`/simulator/reports/${await findReport(name)}`, { rows });
    },
  };
}

/** Ninety days of webhooks, with some that come twice. @param {string} address @param {Address} to @param {number} count @param {number} duplicates */
export function sendHistory(address, to, count, duplicates) {
  return runSimulator(...describeTarget(address, to), ...toWords({ ...world, count, duplicates }));
}

/** What others send: another subscription. @param {string} address @param {Address} to @param {Record<string, string | number>} options */
export function sendElsewhere(address, to, options) {
  return runSimulator(...describeTarget(address, to), ...toWords({ words: world.words, ...options }));
}

/** One webhook every few seconds from now on, until the demo ends. @param {string} address @param {Address} to */
export async function goOnLive(address, to) {
  for (;;)
    await runSimulator(
      ...describeTarget(address, to),
      ...toWords({ ...world, live: `${day}s`, count: Math.round(day / secondsBetween) }),
    );
}

/** @param {string} address @param {Address} to */
function describeTarget(address, { path, secret }) {
  return ["--url", `${address}${path}`, ...(secret ? ["--secret", secret] : [])];
}

/** @param {Record<string, string | number>} options */
function toWords(options) {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
