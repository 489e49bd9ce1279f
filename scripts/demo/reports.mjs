// What Pendo counts of accounts and people: two reports that change from week to week, and three accounts with a story.
import { integrationKey } from "./pendo.mjs";
import { runCommand } from "./programs.mjs";

/** @typedef {import("./api.mjs").DemoApi} DemoApi */
/** @typedef {import("./pendo.mjs").DemoPendo} DemoPendo */

/** Each is a week of Pendo's. */
const weeks = 3;
/** The second of the simulator's accounts turns bad, the third falls silent, the fourth grows. */
const healthOfStories = /** @type {Record<number, number[]>} */ ({ 1: [84, 66, 37], 2: [71, 48, 19], 3: [61, 74, 90] });

const wanted = /** @type {const} */ ([
  { name: "Account health", level: "account", columns: ["seats", "daysActive", "numEvents", "healthScore"] },
  { name: "Visitor activity", level: "user", columns: ["daysActive", "numMinutes"] },
]);

/** Syncs both reports once for each week. @param {DemoApi} api @param {DemoPendo} pendo @param {string} connectionId */
export async function syncReports(api, pendo, connectionId) {
  await runCommand("connection", "set", connectionId, "--region", "us", "--integration-key", integrationKey);
  /** @type {string[]} */
  const ids = [];
  for (let week = 0; week < weeks; week += 1) {
    await writeReports(pendo, week);
    if (week === 0) ids.push(...(await addReports(api, pendo, connectionId)));
    await Promise.all(ids.map((id) => syncReport(api, id)));
  }
}

/** Pendo's reports as they are in this week, or in the last one. @param {DemoPendo} pendo @param {number} [week] */
export async function writeReports(pendo, week = weeks - 1) {
  const [accounts, visitors] = await Promise.all([pendo.list("accounts"), pendo.list("visitors")]);
  await pendo.writeReport("Account health", [
    ...accounts.map(({ accountId }, place) => describeAccount(accountId, place, week)),
    // Whoever builds a report leaves something in it that is nobody's.
    { ...describeAccount("", accounts.length, week), seats: "n/a" },
  ]);
  await pendo.writeReport(
    "Visitor activity",
    visitors.map(({ visitorId }, place) => ({
      visitorId,
      daysActive: Math.floor(draw(place, week) * 22),
      numMinutes: Math.floor(draw(place, 7) * 600 + draw(place, week) * 60),
    })),
  );
}

/** @param {string} accountId @param {number} place @param {number} week */
function describeAccount(accountId, place, week) {
  const health = healthOfStories[place]?.[week] ?? 45 + draw(place, 11) * 50 + draw(place, week) * 4;
  return {
    accountId,
    seats: 5 + Math.floor(draw(place, 12) * 400) + (place % 5 === 0 ? week * 3 : 0),
    daysActive: Math.round((health / 100) * 28),
    numEvents: Math.round(health * (10 + draw(place, 13) * 300)),
    healthScore: Math.round(health * 10) / 10,
  };
}

/** From 0 to 1, the same each time. @param {number} place @param {number} salt */
function draw(place, salt) {
  const wave = Math.sin(place * 12.9898 + salt * 78.233) * 43_758.5453;
  return wave - Math.floor(wave);
}

/** @param {DemoApi} api @param {DemoPendo} pendo @param {string} connectionId @returns {Promise<string[]>} */
function addReports(api, pendo, connectionId) {
  return Promise.all(
    wanted.map(async ({ name, level, columns }) => {
      const pendoReportId = await pendo.findReport(name);
      const chosen = columns.map((column) => ({ column }));
      return (await api.post("/reports", { connectionId, pendoReportId, level, columns: chosen })).id;
    }),
  );
}

/** Where the timetable has begun a run already, that one may have read the week before. @param {DemoApi} api @param {string} id */
async function syncReport(api, id) {
  const askedAt = Date.now();
  for (;;) {
    const { id: runId, startedAt } = await api.post(`/reports/${id}/sync`);
    const run = await api.waitFor(`/report-runs/${runId}`, ({ state }) => state !== "running");
    if (run.state !== "done") throw new Error(`A sync of a report is ${run.state}: ${run.message}`);
    if (Date.parse(startedAt) >= askedAt) return;
  }
}
