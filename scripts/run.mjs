// Runs a TypeScript program of this repository: node scripts/run.mjs bench/ingest.ts --its --flags
import { buildPrograms, runTypeScript } from "./build.mjs";

const [entry, ...args] = process.argv.slice(2);
if (!entry) throw new Error("usage: node scripts/run.mjs <file.ts> [arguments]");
process.argv = [process.argv[0] ?? "node", entry, ...args];
await buildPrograms();
await runTypeScript(entry);
