// The Pendo simulator: a program of its own that shares no code with the hub, so that the two cannot agree on a mistake.

import { serve } from "./api/serve.ts";
import { asksToServe, readServeOptions } from "./api/serve-options.ts";
import { readOptions } from "./options.ts";
import { runSimulation } from "./run-simulation.ts";
import { printSummary } from "./summary/print-summary.ts";

const words = process.argv.slice(2);
const report = (line: string) => process.stderr.write(`${line}\n`);
try {
  if (asksToServe(words))
    await serve(readServeOptions(words.filter((word, place) => place > 0 || word !== "serve")), report);
  else {
    const options = readOptions(words);
    const summary = await runSimulation(options, report);
    process.stdout.write(options.isJson ? `${JSON.stringify(summary, null, 2)}\n` : printSummary(summary));
    process.exitCode = summary.failed === 0 ? 0 : 1;
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
