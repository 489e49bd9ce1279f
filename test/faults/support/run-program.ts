// What all fault programs share: a report that is printed and kept, and an exit code that is 1 when anything is wrong.
import { execFileSync } from "node:child_process";
import { createReport, reportDatabase } from "../../../bench/support/report.ts";
import type { DatabasePool } from "../../../src/platform/database/pool.ts";
import { packageRoot } from "../../../src/platform/package-root.ts";
import { shorten } from "./effects.ts";

/** What a fault run hands its progress and its figures to. */
export type Say = {
  /** A line of the report. */
  line: (text: string) => void;
  /** Seen on the terminal only. */
  progress: (text: string) => void;
  /** Prints the settings of the database that durability hangs on, and refuses to run without them. */
  database: (db: DatabasePool) => Promise<void>;
};

export const silent: Say = { line() {}, progress() {}, database: async () => {} };

/** Anything that must not be: losses, doubles, wrong answers, a difference in the ledger. Empty when all is well. */
export type Problems = readonly string[];

export async function runFaultProgram(
  name: string,
  settings: Record<string, unknown>,
  run: (say: Say) => Promise<{ problems: Problems }>,
): Promise<void> {
  const report = createReport(`faults-${name}`);
  report.line(`version: ${findCommit()}`);
  report.line(
    `settings: ${Object.entries(settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ")}`,
  );
  const start = performance.now();
  let isDescribed = false;
  const { problems } = await run({
    line: report.line,
    progress: (text) => console.log(`  ${Math.round((performance.now() - start) / 1000)} s: ${text}`),
    async database(db) {
      if (!isDescribed) await reportDatabase(report, db);
      isDescribed = true;
    },
  });
  for (const problem of shorten(problems)) report.line(`PROBLEM ${problem}`);
  report.line(
    `${problems.length === 0 ? "PASSED: nothing lost, nothing doubled, the ledger balances" : `FAILED: ${problems.length} problems`}; ${Math.round((performance.now() - start) / 1000)} s`,
  );
  report.save();
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function findCommit(): string {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: packageRoot, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--", "src", "migrations") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return "without git";
  }
}
