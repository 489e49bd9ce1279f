// npm run faults:overload -- --seconds 10 --sockets 6000 --slow 500 --memory 700 --seed 1
import { parseArgs } from "node:util";
import { runOverload } from "./overload-run.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    sockets: { type: "string", default: "6000" },
    slow: { type: "string", default: "500" },
    memory: { type: "string", default: "700" },
    seed: { type: "string", default: "1" },
  },
});
await runFaultProgram("overload", values, (say) =>
  runOverload(
    {
      seconds: Number(values.seconds),
      sockets: Number(values.sockets),
      slowClients: Number(values.slow),
      floodsAtFullSpeed: true,
      awaitsEndOfSlow: true,
      mostMegabytes: Number(values.memory),
      seed: values.seed,
    },
    say,
  ),
);
