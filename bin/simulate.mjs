#!/usr/bin/env node
// The simulator's entry: a program of its own that shares no code with the hub.
import { buildPrograms } from "../scripts/build.mjs";

await buildPrograms();
await import(new URL("../dist/simulator.js", import.meta.url).href);
