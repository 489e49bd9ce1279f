#!/usr/bin/env node
// The command line's entry: builds what has changed, then hands over to the program.
import { runProgram } from "../scripts/build.mjs";

await runProgram("plumbline");
