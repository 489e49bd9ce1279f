// The programs that the demo runs as a user would: commands of Plumbline, and the simulator.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../build.mjs";
import { environment } from "./places.mjs";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** A command's JSON document. @param {string[]} words @returns {Promise<any>} */
export function runCommand(...words) {
  return runForJson("bin/plumbline.mjs", [...words, "--json"]);
}

/** The simulator's summary, after it has sent everything. @param {string[]} words @returns {Promise<any>} */
export function runSimulator(...words) {
  return runForJson("bin/simulate.mjs", [...words, "--json"]);
}

export function killPrograms() {
  for (const child of running) child.kill("SIGKILL");
}

/** @param {string} program @param {string[]} words */
async function runForJson(program, words) {
  const child = spawn(process.execPath, [join(root, program), ...words], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  running.delete(child);
  if (code !== 0) throw new Error(`${program} ${words.slice(0, 2).join(" ")} failed:\n${output.stderr.trim()}`);
  return JSON.parse(output.stdout);
}
