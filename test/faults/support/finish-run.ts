// The end of every fault run: all that was acknowledged is on disk, has its one effect, and the ledger balances.
import type { Queryable } from "../../../src/platform/database/pool.ts";
import { type Home, type Ledger, settle } from "../../support/plumbline-process.ts";
import type { CarefulSender } from "./careful-sender.ts";
import { compareEffects, compareMemberships, findUnkept, readEffects } from "./effects.ts";

export function checkLedger(ledger: Ledger): string[] {
  const { difference, waiting, failed, parked, refused } = ledger;
  return Object.entries({ difference, waiting, failed, parked, refused })
    .filter(([, count]) => count !== 0)
    .map(([state, count]) => `ledger: ${state} is ${count}`);
}

/** Waits until nothing waits any more; gives the ledger, and every problem there is. */
export async function finishRun(
  home: Home,
  db: Queryable,
  sender: CarefulSender,
  mostMs: number,
): Promise<{ ledger: Ledger; problems: string[] }> {
  await sender.finish(mostMs);
  const ledger = await settle(home, mostMs);
  const sent = sender.sent();
  const ids = sender.acknowledgements.map(({ deliveryId }) => deliveryId);
  const problems = [
    ...sender.problems,
    ...checkLedger(ledger),
    ...(await findUnkept(db, ids)),
    ...compareEffects(sent, await readEffects(db)),
    ...(await compareMemberships(db, sent)),
  ];
  if (ledger.recorded !== sent.length)
    problems.push(`ledger: ${ledger.recorded} are recorded of ${sent.length} that were acknowledged`);
  return { ledger, problems };
}
