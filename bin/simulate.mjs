#!/usr/bin/env node
// The simulator's entry: a program of its own that shares no code with the hub.
import { runProgram } from "../scripts/build.mjs";

await runProgram("simulator");
