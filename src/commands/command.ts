// What all commands share: a database that is there for the length of the command, and one way to print.
import { type Config, readConfig } from "../platform/config.ts";
import { migrate } from "../platform/database/migrate.ts";
import { type OpenDatabase, openDatabase } from "../platform/database/open-database.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { createLog, type Log } from "../platform/log.ts";
import { type MasterKeys, openMasterKeys } from "../platform/master-keys.ts";
import type { Author } from "../platform/routes.ts";
import { createSecretBox } from "../platform/secret-box.ts";
import type { Settings } from "../settings/connections.ts";
import { ensureFirstWorkspace, listWorkspaces } from "../settings/workspaces-table.ts";

export type CommandContext = {
  config: Config;
  log: Log;
  database: OpenDatabase;
  /** The keys of stored secrets; a file is made where there is none, so only who needs them asks. */
  masterKeys: () => MasterKeys;
  settings: () => Settings;
};

/** Who changes something here: whoever may start commands on this machine. */
export const commandLine: Author = { by: "command-line", address: null };

/** Opens the database (the running embedded server where there is one), runs `work`, closes it again. */
export async function withDatabase<T>(work: (context: CommandContext) => Promise<T>): Promise<T> {
  const config = readConfig();
  const log = createLog({ format: config.logFormat, level: "warn" });
  const database = await openDatabase({ config, log, max: 4, supervise: false });
  try {
    await migrate(database.pool, log);
    const masterKeys = () => openMasterKeys({ given: config.secretKeys, dataDir: config.dataDir, log });
    const settings = () => ({
      database: database.pool,
      secretBox: createSecretBox(masterKeys()),
      publicUrl: config.publicUrl,
      clock: () => new Date(),
      author: commandLine,
    });
    return await work({ config, log, database, masterKeys, settings });
  } finally {
    await database.stop();
  }
}

/** The workspace that is named, or the first one. */
export async function findWorkspaceId(database: Queryable, given: string | undefined): Promise<string> {
  if (given === undefined) return (await ensureFirstWorkspace(database, new Date())).workspaceId;
  if ((await listWorkspaces(database)).some(({ workspaceId }) => workspaceId === given)) return given;
  throw new Error(`There is no workspace ${given}; leave --workspace out for the first one.`);
}

export { wakeWorkers } from "../pipeline/inbox/inbox-channel.ts";

/** With --json: one JSON document and nothing else. Otherwise what `describe` says. */
export function print<T>(value: T, options: { json?: boolean }, describe: (value: T) => string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : describe(value)}\n`);
}

/** Columns of equal width, the widest cell cut at 60 characters. */
export function formatTable(rows: readonly Record<string, unknown>[], empty: string): string {
  if (rows.length === 0) return empty;
  const names = Object.keys(rows[0]!);
  const cells = [names, ...rows.map((row) => names.map((name) => formatCell(row[name])))];
  const widths = names.map((_, column) => Math.min(60, Math.max(...cells.map((row) => row[column]!.length))));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.slice(0, 60).padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (value instanceof Date) return value.toISOString();
  return cleanText(Array.isArray(value) ? value.join(" ") : String(value));
}

/** Names and ids come from outside: line feeds would break a line or table, escape sequences would steer the terminal. */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
