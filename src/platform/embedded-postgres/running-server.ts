// What postmaster.pid tells about a server on a data folder, and whether it answers.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

export type Connection = { host: string; port: number; user: string; database: string };

/** The process id in postmaster.pid; undefined when there is none. */
export function readPid(dataFolder: string): number | undefined {
  return readPidFile(join(dataFolder, "postmaster.pid"));
}

function readPidFile(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether that process is a postgres that works on this data folder. */
export function isServerAlive(pid: number | undefined, dataFolder: string): boolean {
  if (pid === undefined || !isProcess(pid)) return false;
  // Where the system tells what a process is, a process id that was given to another program since is seen through.
  if (!existsSync("/proc/self/cmdline")) return true;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    return state !== "Z" && command[0]!.includes("postgres") && command.includes(dataFolder);
  } catch {
    return false;
  }
}

/** Whether there is such a process, alive or not yet taken leave of by its parent. */
export function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Removes the lock files of a server that is no more where PostgreSQL takes it for a living one, because its process id
 * belongs to another program now, or to a dead process that nobody has asked about (in a container without an init).
 * Only when no process at all works in the data folder: as long as one does (a backend that outlived its postmaster),
 * these files are what keeps a second server from destroying the data.
 */
export function removeStaleLocks(places: { data: string; socket: string }): void {
  const files = [join(places.data, "postmaster.pid"), join(places.socket, ".s.PGSQL.5432.lock")];
  const stale = files.filter((file) => {
    const pid = readPidFile(file);
    return pid !== undefined && isProcess(pid) && !isServerAlive(pid, places.data);
  });
  if (stale.length === 0 || !existsSync("/proc/self/cwd")) return;
  const isInUse = readdirSync("/proc").some((name) => /^\d+$/.test(name) && readFolderOf(name) === places.data);
  if (!isInUse) for (const file of stale) rmSync(file, { force: true });
}

function readFolderOf(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/cwd`);
  } catch {
    return undefined;
  }
}

/** "ready", or PostgreSQL's own words why not. */
export async function askServer(connection: Connection): Promise<string> {
  const patience = { connectionTimeoutMillis: 2_000, query_timeout: 2_000 };
  const client = new pg.Client({ ...connection, ...patience, database: "postgres" });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("select 1 from pg_database where datname = $1", [connection.database]);
    if (rows.length === 0)
      await client.query(`create database ${pg.escapeIdentifier(connection.database)}`).catch(ignoreExisting);
    return "ready";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => {});
  }
}

function ignoreExisting(error: unknown): void {
  // Another process made it a moment ago.
  if (!["42P04", "23505"].includes((error as { code?: string }).code ?? "")) throw error;
}
