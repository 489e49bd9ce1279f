// npm run check: everything that can be said about the sources without running them. With names, only those parts:
// npm run check -- imports documents
import { root, runTypeScript } from "./build.mjs";

process.chdir(root);
await runTypeScript("scripts/check/run-check.ts");
