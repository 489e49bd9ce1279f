// npm run faults:duplicates -- --count 5000 --copies 5 --permutations 20 --seed 1
import { parseArgs } from "node:util";
import { runDuplicateStorm } from "./duplicate-storm.ts";
import { runOrderProperty } from "./order-property.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "5000" },
    copies: { type: "string", default: "5" },
    permutations: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
await runFaultProgram("duplicates", values, async (say) => {
  const { seed } = values;
  const storm = await runDuplicateStorm({ count: Number(values.count), mostCopies: Number(values.copies), seed }, say);
  const order = await runOrderProperty({ permutations: Number(values.permutations), count: 300, seed }, say);
  return { problems: [...storm.problems, ...order.problems] };
});
