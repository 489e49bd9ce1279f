// The plan of what a request asks the database: an app of this process answers it once while its statements are written down, and
// the slowest of them is explained as the API sees it.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/platform/config.ts";
import { apiRole } from "../../src/platform/database/api-role.ts";
import { createPool, type DatabaseSettings } from "../../src/platform/database/pool.ts";
import { createLog } from "../../src/platform/log.ts";

type Statement = { text: string; values: unknown[]; ms: number; workspace: string | undefined };

export async function explainRequest(
  settings: DatabaseSettings,
  { key, path }: { key: string; path: string },
): Promise<string[]> {
  const log = createLog({ format: "json", level: "silent" });
  const pool = createPool(settings, { max: 4, name: "bench", log });
  const recorder = recordStatements();
  const app = await startApp({
    config: { ...readConfig({}), port: 0, secretKeys: [randomBytes(32)], logLevel: "silent" },
    log,
    roles: ["web"],
    database: { pool, settings, description: "bench", stop: async () => {} },
  });
  try {
    const authorization = path.startsWith("/resources")
      ? `Basic ${Buffer.from(`${key}:`).toString("base64")}`
      : `Bearer ${key}`;
    const ask = async () => (await fetch(app.address + path, { headers: { authorization } })).arrayBuffer();
    await ask();
    recorder.statements.length = 0;
    await ask();
    const statements = [...recorder.statements].sort((one, other) => other.ms - one.ms);
    recorder.stop();
    const slowest = statements.find(({ text }) => /^\s*(select|with)\b/.test(text));
    if (!slowest) return ["  no statement"];
    return await explain(settings, slowest);
  } finally {
    recorder.stop();
    await app.stop();
    await pool.end();
  }
}

function recordStatements(): { statements: Statement[]; stop: () => void } {
  const statements: Statement[] = [];
  const original = pg.Client.prototype.query;
  const workspaces = new WeakMap<object, string>();
  pg.Client.prototype.query = async function record(this: pg.Client, ...given: unknown[]) {
    const [first, second] = given as [string | { text: string; values?: unknown[] }, unknown[] | undefined];
    const text = typeof first === "string" ? first : first.text;
    const values = (typeof first === "string" ? second : first.values) ?? [];
    const begin = performance.now();
    try {
      return await (original as (...args: unknown[]) => Promise<unknown>).apply(this, given);
    } finally {
      if (text.includes("plumbline.workspace_id")) workspaces.set(this, String(values[0]));
      else statements.push({ text, values, ms: performance.now() - begin, workspace: workspaces.get(this) });
    }
  } as typeof original;
  return {
    statements,
    stop() {
      pg.Client.prototype.query = original;
    },
  };
}

async function explain(settings: DatabaseSettings, { text, values, workspace }: Statement): Promise<string[]> {
  const log = createLog({ format: "json", level: "silent" });
  const pool = createPool(settings, { max: 1, name: "bench", log, role: apiRole });
  try {
    if (workspace) await pool.query("select set_config('plumbline.workspace_id', $1, false)", [workspace]);
    const { rows } = await pool.query(`explain (analyze, buffers, costs off) ${text}`, values);
    const plan = rows.map((row) => `  ${row["QUERY PLAN"]}`);
    return [`  ${text.replace(/\s+/g, " ").slice(0, 300)}`, ...plan.slice(0, 25)];
  } finally {
    await pool.end();
  }
}
