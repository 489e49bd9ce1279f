// npm run faults:database -- --rate 300 --away 5000 --seed 1
import { parseArgs } from "node:util";
import { allFaults, runDiskFull, runEmbeddedFaults, runExternalFaults } from "./database-faults.ts";
import { runFaultProgram } from "./support/run-program.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "300" },
    away: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});
await runFaultProgram("database", values, async (say) => {
  const options = { rate: Number(values.rate), awayMs: Number(values.away), baselineMs: 2_000, seed: values.seed };
  const chosen = (faults: (typeof allFaults)["external"]) => faults.filter(({ name }) => name.includes(values.only));
  const problems: string[] = [];
  for (const [faults, run] of [
    [chosen(allFaults.external), runExternalFaults],
    [chosen(allFaults.embedded), runEmbeddedFaults],
    [chosen(allFaults.disk), runDiskFull],
  ] as const) {
    if (faults.length === 0) continue;
    const result = await run({ ...options, faults }, say);
    if (result) problems.push(...result.problems);
    else say.line(`${faults[0]!.name}: left out, because this user may not mount a file system`);
  }
  return { problems };
});
