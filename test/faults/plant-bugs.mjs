// npm run faults:planted: plants one bug after the other into a copy of the checkout, and runs there the short fault run
// that must notice it. A run that stays green with its bug in place proves nothing. With words, only the bugs whose name
// holds one of them: npm run faults:planted -- membership ledger
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/build.mjs";
import { plantedBugs } from "./planted-bugs.mjs";

const parts = ["src", "simulator", "scripts", "test", "bench", "migrations", "bin"];
const files = ["package.json", "package-lock.json", "tsconfig.json", "vitest.config.ts"];

/** A run that a bug has stand still is ended, and counts as red. */
const longestRun = 240_000;

/** @returns {string} A copy of the checkout that shares its packages. */
function copyCheckout() {
  const copy = mkdtempSync(join(tmpdir(), "plumbline-planted-"));
  for (const part of [...parts, ...files])
    cpSync(join(root, part), join(copy, part), { recursive: true, filter: (path) => !path.includes("bench/results") });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** @param {string} copy @param {import("./planted-bugs.mjs").Change} change */
function apply(copy, { file, find, replace }) {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${JSON.stringify(find)} stands ${places} times in ${file}: plant it anew.`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}

/** @param {string} copy @param {string} test @returns {Promise<{ failed: boolean, words: string }>} */
function runShort(copy, test) {
  // Beside a copy there are no corpora; those of the checkout are used where they are.
  const CORPORA_DIR = process.env.CORPORA_DIR ?? join(root, "../shared/corpora");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, "node_modules/vitest/vitest.mjs"), "run", `test/faults/${test}.test.ts`, "--reporter=dot"],
      { cwd: copy, env: { ...process.env, CORPORA_DIR, NO_COLOR: "1" }, maxBuffer: 1 << 26, timeout: longestRun },
      (error, stdout, stderr) => resolve({ failed: error !== null, words: findWords(`${stdout}\n${stderr}`) }),
    );
  });
}

/** @param {string} output The first problem that the run names. */
function findWords(output) {
  const line =
    output.split("\n").find((text) => /^\s*\+\s+"/.test(text)) ?? output.split("\n").find((text) => /Error/.test(text));
  return (line ?? "").trim().slice(0, 160);
}

const wanted = process.argv.slice(2);
const chosen = plantedBugs.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
let missed = 0;

/** @param {string} name @param {string} test @param {import("./planted-bugs.mjs").Change[]} changes @param {boolean} mustFail */
async function check(name, test, changes, mustFail) {
  const copy = copyCheckout();
  try {
    for (const change of changes) apply(copy, change);
    const start = performance.now();
    const { failed, words } = await runShort(copy, test);
    const seconds = Math.round((performance.now() - start) / 1_000);
    const isRight = failed === mustFail;
    if (!isRight) missed += 1;
    const verdict = mustFail ? (failed ? "caught" : "MISSED") : failed ? "RED WITHOUT A BUG" : "green";
    console.log(`${verdict}: ${name} (${test}.test.ts, ${seconds} s) ${failed ? words : ""}`.trimEnd());
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

for (const test of new Set(chosen.map((bug) => bug.test))) await check("nothing planted", test, [], false);
for (const { name, test, changes } of chosen) await check(name, test, changes, true);
console.log(missed === 0 ? `all ${chosen.length} bugs were caught` : `${missed} checks went wrong`);
process.exitCode = missed === 0 ? 0 : 1;
