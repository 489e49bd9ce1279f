// npm run faults:report -- --interrupted 20 --visitors 4000 --seed 1
import { parseArgs } from "node:util";
import { runReportStorm } from "./report-storm.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    interrupted: { type: "string", default: "20" },
    visitors: { type: "string", default: "4000" },
    seed: { type: "string", default: "1" },
  },
});
await runFaultProgram("report", values, (say) =>
  runReportStorm(
    { interrupted: Number(values.interrupted), visitors: Number(values.visitors), seed: values.seed },
    say,
  ),
);
