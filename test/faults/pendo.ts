// npm run faults:pendo -- --seconds 180 --count 6000 --visitors 1500 --seed 1
import { parseArgs } from "node:util";
import { runPendoTrouble } from "./pendo-trouble.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "180" },
    count: { type: "string", default: "6000" },
    visitors: { type: "string", default: "1500" },
    seed: { type: "string", default: "1" },
  },
});
await runFaultProgram("pendo", values, (say) =>
  runPendoTrouble(
    {
      seconds: Number(values.seconds),
      count: Number(values.count),
      visitors: Number(values.visitors),
      seed: values.seed,
    },
    say,
  ),
);
