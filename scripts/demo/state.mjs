// What the demo remembers from one time to the next, and how it begins anew.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDir } from "./places.mjs";

/**
 * @typedef {{ id: string, path: string, secret: string | null }} DemoConnection `path`: its webhook address
 * @typedef {{ production: DemoConnection, linkOnly: DemoConnection, playground: DemoConnection, off: DemoConnection }} DemoConnections
 * @typedef {{ key: string, connections: DemoConnections, webhooks: number, counts: Record<string, number> }} DemoState `webhooks`: how many its Pendo has sent
 */

// In the data folder, so that who deletes the one deletes the other. It holds an API key of a server that only this
// machine reaches.
const file = join(dataDir, "demo.json");

/** Undefined unless a workspace was filled to the end. @returns {DemoState | undefined} */
export function readState() {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** @param {DemoState} state */
export function writeState(state) {
  writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

/** Deletes the demo's data, also where it lies elsewhere because the database's user cannot enter this folder. */
export function deleteData() {
  const elsewhere = findElsewhere();
  if (elsewhere) rmSync(elsewhere, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

/** The process id of the demo's database, when it runs. @returns {number | undefined} */
export function findRunningDatabase() {
  const pidFile = join(findElsewhere() ?? dataDir, "postgres/postmaster.pid");
  const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, "utf8"), 10) : Number.NaN;
  if (Number.isNaN(pid)) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM" ? pid : undefined;
  }
}

function findElsewhere() {
  const pointer = join(dataDir, "POSTGRES_IS_ELSEWHERE.txt");
  if (!existsSync(pointer)) return undefined;
  return /^Its data lies in (\/var\/lib\/plumbline\/[0-9a-f]{16})$/m.exec(readFileSync(pointer, "utf8"))?.[1];
}
