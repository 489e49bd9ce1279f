// The processes of an embedded PostgreSQL, from the outside: which they are, and what can be done to them. Linux only,
// because it reads /proc.
import { readdirSync, readFileSync } from "node:fs";
import { createPool, type DatabasePool } from "../../../src/platform/database/pool.ts";
import { preparePlaces } from "../../../src/platform/embedded-postgres/places.ts";
import { isServerAlive, readPid } from "../../../src/platform/embedded-postgres/running-server.ts";
import { createLog } from "../../../src/platform/log.ts";

export const silentLog = createLog({ format: "json", level: "silent" });

/** Where the embedded server of a DATA_DIR is reached. */
export function findServer(dataDir: string): { data: string; host: string; port: number; user: string } {
  const { data, socket } = preparePlaces(dataDir);
  return { data, host: socket, port: 5432, user: "plumbline" };
}

/** A pool past Plumbline, for reading its tables and for getting in the server's way. */
export function connectDirectly(dataDir: string, max = 2): DatabasePool {
  const { host, port, user } = findServer(dataDir);
  return createPool({ host, port, user, database: "plumbline" }, { max, name: "faults", log: silentLog });
}

/** The postmaster; undefined while none lives. */
export function findPostmaster(dataDir: string): number | undefined {
  const { data } = findServer(dataDir);
  const pid = readPid(data);
  return isServerAlive(pid, data) ? pid : undefined;
}

/** The postmaster's children: backends, and those that write and checkpoint. */
export function listChildren(postmaster: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readParent(pid) === postmaster);
}

function readParent(pid: number): number {
  // The name in brackets may hold spaces and brackets itself; what counts stands behind the last one.
  const stat = readTextOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The process that recovers; undefined while there is none. */
export function findStartup(postmaster: number): number | undefined {
  return listChildren(postmaster).find((pid) => readTextOf(`/proc/${pid}/cmdline`).startsWith("postgres: startup"));
}

/** Empty when there is no such file. */
export function readTextOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Looks again and again until there is something. */
export async function poll<T>(look: () => T | undefined | false): Promise<T> {
  const until = performance.now() + 20_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error("It did not come.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** False when the process is gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves to the milliseconds until the server answers a query again. */
export async function awaitServer(db: DatabasePool, mostMs = 60_000): Promise<number> {
  const start = performance.now();
  for (;;) {
    const answers = await db.query("select 1").then(
      () => true,
      () => false,
    );
    const waited = performance.now() - start;
    if (answers) return waited;
    if (waited > mostMs) throw new Error(`The database did not answer within ${mostMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
