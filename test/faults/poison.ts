// CORPORA_DIR=… npm run faults:poison -- --seed 1
import { parseArgs } from "node:util";
import { runPoison, shuffle } from "./poison-run.ts";
import { listDoorPoisons, listFieldPoisons, listUnforeseenPoisons } from "./support/poisons.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    corpus: { type: "string", default: "1" },
    large: { type: "string", default: "1" },
  },
});
await runFaultProgram("poison", values, (say) => {
  const every = { everyCorpus: Number(values.corpus), everyLarge: Number(values.large) };
  const poisons = shuffle(values.seed, [
    ...listDoorPoisons(),
    ...listFieldPoisons(every),
    ...listUnforeseenPoisons(50),
  ]);
  return runPoison({ poisons, seed: values.seed }, say);
});
