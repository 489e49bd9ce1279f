// npm run faults:tenants -- --operations 5000 --seed 1
import { parseArgs } from "node:util";
import { runFaultProgram } from "./support/run-program.ts";
import { runTenants } from "./tenants-run.ts";

const { values } = parseArgs({
  options: { operations: { type: "string", default: "5000" }, seed: { type: "string", default: "1" } },
});
await runFaultProgram("tenants", values, (say) =>
  runTenants({ operations: Number(values.operations), seed: values.seed }, say),
);
