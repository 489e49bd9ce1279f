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

/**
 * Starts the simulator to go on until the demo ends; resolves to what the pattern finds in what it says.
 * @param {string[]} words @param {RegExp} pattern @returns {Promise<string>}
 */
export function startSimulator(words, pattern) {
  const child = spawnProgram("bin/simulate.mjs", words);
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(-10_000);
      const found = pattern.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.once("close", () => reject(new Error(`bin/simulate.mjs ${words[0]} ended:\n${said.trim()}`)));
  });
}

export function killPrograms() {
  for (const child of running) child.kill("SIGKILL");
}

/** @param {string} program @param {string[]} words */
async function runForJson(program, words) {
  const child = spawnProgram(program, words);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  // The simulator tells of its progress as long as it runs.
  child.stderr.on("data", (chunk) => (output.stderr = (output.stderr + chunk).slice(-10_000)));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${program} ${words.slice(0, 2).join(" ")} failed:\n${output.stderr.trim()}`);
  return JSON.parse(output.stdout);
}

/** @param {string} program @param {string[]} words */
function spawnProgram(program, words) {
  const child = spawn(process.execPath, [join(root, program), ...words], {
    env: environment,
    // What serves until its input ends does so when the demo is killed.
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}
