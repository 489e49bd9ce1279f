import { runSimulation } from "../run-simulation.ts";
import { printSummary } from "../summary/print-summary.ts";
import type { ServeOptions } from "./serve-options.ts";
import { startPendoSimulator } from "./start-pendo-simulator.ts";

/** Serves until the process is told to end, and sends webhooks meanwhile if there is an address for them. */
export async function serve(
  { api, webhooks, endsWithInput }: ServeOptions,
  report: (line: string) => void,
): Promise<void> {
  const simulator = await startPendoSimulator(api);
  report(`Pendo's API: ${simulator.url}/api/v1 (key ${simulator.integrationKey}, writing ${simulator.writeKey})`);
  report(
    `now ${new Date(simulator.clock.now()).toISOString()}, seed ${webhooks.seed}; to steer: ${simulator.url}/simulator/`,
  );
  const end = () => void simulator.stop().then(() => process.exit());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  if (endsWithInput) process.stdin.once("end", end).resume();
  if (!webhooks.url) return;
  const summary = await runSimulation(webhooks, report, webhooks.live === undefined ? simulator.deliveries : undefined);
  process.stdout.write(webhooks.isJson ? `${JSON.stringify(summary, null, 2)}\n` : printSummary(summary));
}
