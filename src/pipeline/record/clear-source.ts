import type { Tx } from "../../platform/database/pool.ts";
import { mergeTraits, settleMerge, type TraitsOf } from "./traits-table.ts";

/** Takes away every value of a source, each with a line of history. Resolves to how many there were. */
export async function clearSource(tx: Tx, of: TraitsOf): Promise<number> {
  // Of a million records with five traits each it takes more than the minute that a statement has.
  await tx.query("set local statement_timeout = 0");
  const nothing = {
    ...of,
    runId: null,
    traits: [],
    said: "select null::uuid as record_id, 0 as place, null::jsonb as value where false",
    records: "select null::uuid as record_id where false",
    vanished: "clear" as const,
  };
  await mergeTraits(tx, nothing);
  return (await settleMerge(tx, nothing)).values;
}
