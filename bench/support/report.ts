// What every bench prints: the machine, the versions, the settings that durability hangs on, and its lines; kept as text.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Queryable } from "../../src/platform/database/pool.ts";
import { packageRoot } from "../../src/platform/package-root.ts";

export type Report = { line: (text?: string) => void; save: () => void };

export function createReport(name: string): Report {
  const lines: string[] = [];
  const line = (text = "") => {
    lines.push(text);
    console.log(text);
  };
  line(`${name}, ${new Date().toISOString().slice(0, 16)}Z`);
  line(
    `machine: ${cpus().length} × ${cpus()[0]?.model.trim() || "unnamed processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}`,
  );
  return {
    line,
    save() {
      const folder = join(packageRoot, "bench/results");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.txt`), `${lines.join("\n")}\n`);
    },
  };
}

/** Prints the settings of the database; refuses to measure one that does not keep what it acknowledges. */
export async function reportDatabase(report: Report, db: Queryable): Promise<void> {
  const names = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "max_wal_size",
    "wal_compression",
  ];
  const values = await Promise.all(names.map(async (name) => (await db.query(`show ${name}`)).rows[0][name] as string));
  report.line(
    `database: PostgreSQL ${names.map((name, index) => (index === 0 ? values[0] : `${name}=${values[index]}`)).join(" ")}`,
  );
  for (const name of ["fsync", "synchronous_commit", "full_page_writes"])
    if (values[names.indexOf(name)] !== "on") throw new Error(`${name} is not on: figures would mean nothing.`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const whole = (value: number) => Math.round(value).toLocaleString("en-US");
export const oneDigit = (value: number) => value.toFixed(1);
