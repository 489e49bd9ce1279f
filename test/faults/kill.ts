// npm run faults:kill -- --kills 200 --rate 150 --seed 1 --pause 1500
import { parseArgs } from "node:util";
import { runKillStorm } from "./kill-storm.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    rate: { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
    pause: { type: "string", default: "1500" },
  },
});
await runFaultProgram("kill", values, (say) =>
  runKillStorm(
    {
      kills: Number(values.kills),
      rate: Number(values.rate),
      seed: values.seed,
      longestPause: Number(values.pause),
    },
    say,
  ),
);
