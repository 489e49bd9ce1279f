// A fact's way from one owner to another, as the tables of facts take it.
import type { Owner } from "../facts.ts";

/** `mappingVersion` is the mapping that its new owner was found by. */
export type FactMove = Owner & { id: string; mappingVersion: number };

export function spellMoves(moves: readonly FactMove[]): string {
  return JSON.stringify(
    moves.map((one) => ({
      id: one.id,
      u: one.userId,
      a: one.accountId,
      o: one.organizationId,
      v: one.mappingVersion,
    })),
  );
}
