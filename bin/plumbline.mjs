#!/usr/bin/env node
// The command line's entry: builds what has changed, then hands over to the program.
import { buildPrograms } from "../scripts/build.mjs";

await buildPrograms();
await import(new URL("../dist/plumbline.js", import.meta.url).href);
