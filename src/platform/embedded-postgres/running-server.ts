// What postmaster.pid tells about a server on a data folder, and whether it answers.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

export type Connection = { host: string; port: number; user: string; database: string };

/** The process id in postmaster.pid; undefined when there is none. */
export function readPid(dataFolder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether that process is a postgres that works on this data folder. */
export function isServerAlive(pid: number | undefined, dataFolder: string): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
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

/**
 * Removes a postmaster.pid whose process id belongs to another program now, which PostgreSQL takes for a living server.
 * Only when no process at all works in the data folder: as long as one does (a backend that outlived its postmaster),
 * that file is what keeps a second server from destroying the data.
 */
export function removeStalePidFile(dataFolder: string): void {
  const pid = readPid(dataFolder);
  if (pid === undefined || isServerAlive(pid, dataFolder) || !existsSync("/proc/self/cwd")) return;
  const isInUse = readdirSync("/proc").some((name) => /^\d+$/.test(name) && readFolderOf(name) === dataFolder);
  if (!isInUse) rmSync(join(dataFolder, "postmaster.pid"), { force: true });
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
  const client = new pg.Client({ ...connection, database: "postgres", connectionTimeoutMillis: 2_000 });
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
