// npm run demo: Plumbline on a data folder of its own, with a workspace that has ninety days behind it. Filled once, by
// webhooks through the real door; the next time it is there at once.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { buildPrograms } from "./build.mjs";
import { createDemoApi } from "./demo/api.mjs";
import { fillWorkspace, makeConnection, makeOtherConnections } from "./demo/fill-workspace.mjs";
import { goOnLive, startPendo } from "./demo/pendo.mjs";
import { address, environment, usePendo } from "./demo/places.mjs";
import { killPrograms, runCommand } from "./demo/programs.mjs";
import { writeReports } from "./demo/reports.mjs";
import { countRecords, showTour } from "./demo/show-tour.mjs";
import { deleteData, findRunningDatabase, readState, writeState } from "./demo/state.mjs";

const usage = `npm run demo                    starts the demo; the first time, its workspace is filled
npm run demo -- --fresh         deletes the demo's data and fills it anew
npm run demo -- --count 2000    fills it with fewer webhooks than 15000
npm run demo -- --no-live       sends nothing more when it is filled`;

/** @param {string[]} words */
async function runDemo(words) {
  const flags = readFlags(words);
  await buildPrograms();
  const known = flags.isFresh ? undefined : readState();
  const [begun, pendo] = await Promise.all([
    known ? undefined : beginAnew(),
    startPendo(known?.webhooks ?? flags.count),
  ]);
  usePendo(pendo.url);
  const api = createDemoApi(address, known?.key ?? begun?.key ?? "");
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => (isStopping = true));
  const plumbline = runPlumbline();
  const presentation = present().catch((error) => {
    // What fails because somebody has ended the demo is no failure.
    if (isStopping) return;
    console.error(error.message);
    process.kill(process.pid, "SIGTERM");
    return plumbline.then(() => process.exit(1));
  });

  async function present() {
    await api.waitUntilReady();
    const state = known ?? (await fill(/** @type {NonNullable<typeof begun>} */ (begun), flags.count, api, pendo));
    if (known) await writeReports(pendo);
    await showTour(state, api, pendo, flags);
    if (!flags.isLive) return;
    await goOnLive(api.address, state.connections.production).catch((error) => {
      if (!isStopping) console.error(`No more webhooks are sent: ${error.message}`);
    });
  }

  await Promise.race([presentation, plumbline]);
  await plumbline;
  killPrograms();
  process.exit();
}

/** @param {string[]} words */
function readFlags(words) {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        fresh: { type: "boolean" },
        count: { type: "string" },
        "no-live": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const count = Number(values.count ?? 15_000);
    if (!values.help && Number.isInteger(count) && count >= 1_000 && count <= 1_000_000)
      return { isFresh: values.fresh === true, isLive: values["no-live"] !== true, count };
    console.log(usage);
    process.exit(values.help ? 0 : 1);
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${usage}`);
  }
}

async function beginAnew() {
  await refuseRunningDemo();
  deleteData();
  console.log("Making the demo's workspace. This takes a minute, once.");
  const production = await makeConnection("Production", "--secret", randomBytes(16).toString("hex"));
  /** @type {{ key: string }} */
  const { key } = await runCommand("api-key", "create", "--name", "demo");
  return { key, production };
}

/** The database of a demo that was ended a moment ago is given time to end too. */
async function refuseRunningDemo() {
  const until = Date.now() + 3_000;
  for (;;) {
    const database = findRunningDatabase();
    if (database === undefined) return;
    if (Date.now() > until)
      throw new Error(`The demo runs already (its database is process ${database}): end it first.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @param {Awaited<ReturnType<typeof beginAnew>>} begun @param {number} count
 * @param {import("./demo/api.mjs").DemoApi} api @param {import("./demo/pendo.mjs").DemoPendo} pendo
 * @returns {Promise<import("./demo/state.mjs").DemoState>}
 */
async function fill({ key, production }, count, api, pendo) {
  const connections = await makeOtherConnections(production);
  await fillWorkspace(connections, count, api, pendo);
  const state = { key, connections, webhooks: count, counts: await countRecords(api) };
  writeState(state);
  return state;
}

/**
 * Plumbline itself, in this process: Ctrl-C, SIGTERM and SIGKILL end it as they end any other. Resolves at its end. Where
 * everything is says the tour, once it is there: a link made before would be dead by then.
 */
async function runPlumbline() {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  process.argv = [process.argv[0] ?? "node", "plumbline", "start", "--quiet"];
  const program = new URL("../dist/plumbline.js", import.meta.url);
  await import(program.href);
}

try {
  await runDemo(process.argv.slice(2));
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exit(1);
}
