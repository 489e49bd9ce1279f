// The other programs of a bench: the bare server that is the baseline, and the load generator.
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { bundle } from "../../scripts/build.mjs";
import { packageRoot } from "../../src/platform/package-root.ts";
import { findFreePort } from "../../test/support/plumbline-process.ts";
import type { LoadOptions, LoadResult } from "./load.ts";

/** A bare node:http server that answers 200 and does nothing: the most that this runtime can give. */
export async function startBareServer(port: number): Promise<() => void> {
  const program = `require("node:http").createServer((request, response) => { response.writeHead(200, { "content-type": "application/json", "content-length": 2 }); response.end("{}"); }).listen(${port}, "127.0.0.1", () => console.log("ready"));`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return () => child.kill("SIGKILL");
}

/** A bare node:http server that asks the database for `select 1`: the least that an answer from the database costs. */
export async function startSelectServer(databaseUrl: string): Promise<{ url: string; stop: () => void }> {
  const program = `const { Pool } = require("pg"); const pool = new Pool({ connectionString: process.argv[1], max: 4 });
    const server = require("node:http").createServer(async (request, response) => { await pool.query("select 1"); response.end("{}"); });
    server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));`;
  const port = await findFreePort();
  const child = spawn(process.execPath, ["-e", program, databaseUrl, String(port)], {
    cwd: packageRoot,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill("SIGKILL") };
}

/** A bare node:http server with one page, a heading and a button that counts: the least that a browser takes to show anything. */
export async function startBarePage(): Promise<{ url: string; stop: () => void }> {
  const page =
    "<!doctype html><title>Bare</title><h1>Bare</h1><button>0</button><script>document.querySelector('button').onclick = (event) => { event.target.textContent++; };</script>";
  const program = `require("node:http").createServer((request, response) => { response.setHeader("content-type", "text/html"); response.end(process.argv[1]); })
    .listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));`;
  const port = await findFreePort();
  const child = spawn(process.execPath, ["-e", program, page, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill("SIGKILL") };
}

/** A Pendo with reports of up to a million rows, in a process of its own. */
export async function startReportSimulator(integrationKey: string): Promise<{ url: string; stop: () => void }> {
  const port = await findFreePort();
  const options = ["--integration-key", integrationKey, "--visitors", "1000", "--count", "1000"];
  const words = [join(packageRoot, "bin/simulate.mjs"), "serve", "--port", String(port), ...options];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer) => chunk.includes("Pendo's API") && resolve();
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("exit", (code) => reject(new Error(`The simulator ended with ${code}.`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill("SIGKILL") };
}

export type RemoteLoadResult = Omit<LoadResult, "acknowledged"> & { acknowledged: number };

/** Runs the load generator in a process of its own. */
export async function runLoadProcess(options: LoadOptions): Promise<RemoteLoadResult> {
  await bundle({ "bench-load": "bench/support/load.ts" }, join(packageRoot, "dist/run"));
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(packageRoot, "dist/run/bench-load.js"), JSON.stringify(options)],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(stderr || error.message));
        else resolve(JSON.parse(stdout));
      },
    );
  });
}
