import { spawn } from "node:child_process";
import { join } from "node:path";
import { bundle } from "../../../scripts/build.mjs";
import { packageRoot } from "../../../src/platform/package-root.ts";
import type { FloodOptions, FloodResult } from "./flood.ts";

/** Begins a flood in another process; `begun` resolves when all connections are open and the first requests go out. */
export async function startFlood(
  options: FloodOptions,
): Promise<{ begun: Promise<void>; result: Promise<FloodResult> }> {
  await bundle({ "faults-flood": "test/faults/support/flood.ts" }, join(packageRoot, "dist/run"));
  const program = spawn(process.execPath, [join(packageRoot, "dist/run/faults-flood.js"), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let isBegun = () => {};
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  program.stdout.on("data", (chunk) => {
    output += chunk;
    if (output.includes("\n")) isBegun();
  });
  const result = new Promise<FloodResult>((resolve, reject) => {
    program.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(output.split("\n")[1]!));
      else reject(new Error(`the flood ended with ${code}`));
    });
  });
  return { begun, result };
}
