// Writes `membership_sayings`: what messages said last of a user's being in an account or organization, or no longer. Everything
// here is by external ID: an unlink may come before there is anything to unlink.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import type { RecordKind } from "../records.ts";

export type MembershipSaid = {
  user: string;
  kind: "account" | "organization";
  record: string;
  isMember: boolean;
  /** Milliseconds since 1970; 0: nobody has told. */
  saidAt: number;
  /** The message. Of two of the same time the greater one counts. */
  saidBy: string;
};

/** Nothing is known any more of who is, or is not, in a record that is deleted: whoever makes it anew makes it from nothing. */
export async function forgetMemberships(
  tx: Tx,
  workspaceId: string,
  { kind, externalId }: { kind: RecordKind; externalId: string },
): Promise<void> {
  if (kind === "user")
    await tx.query("delete from membership_sayings where workspace_id = $1 and user_external_id = $2", [
      workspaceId,
      externalId,
    ]);
  else
    await tx.query(
      "delete from membership_sayings where workspace_id = $1 and record_type = $2 and record_external_id = $3",
      [workspaceId, kind, externalId],
    );
}

/** Resolves to those that count: neither the same nor anything newer has been said of the same two, neither before nor among them. */
export async function sayMemberships(
  tx: Tx,
  workspaceId: string,
  said: readonly MembershipSaid[],
): Promise<Omit<MembershipSaid, "saidAt" | "saidBy">[]> {
  const newest = new Map<string, MembershipSaid>();
  for (const one of said) {
    const pair = JSON.stringify([one.user, one.kind, one.record]);
    const known = newest.get(pair);
    if (known === undefined || one.saidAt > known.saidAt || (one.saidAt === known.saidAt && one.saidBy > known.saidBy))
      newest.set(pair, one);
  }
  if (newest.size === 0) return [];
  const rows = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const { rows: counting } = await tx.query({
    name: "say-memberships",
    text: `insert into membership_sayings as t (workspace_id, user_external_id, record_type, record_external_id, is_member, said_at, said_by)
           select $1, "user", kind, record, "isMember", "saidAt", "saidBy"
           from json_to_recordset($2) as r("user" text, kind text, record text, "isMember" bool, "saidAt" float8, "saidBy" text)
           on conflict (workspace_id, user_external_id, record_type, record_external_id) do update
           set is_member = excluded.is_member, said_at = excluded.said_at, said_by = excluded.said_by
           where t.said_at < excluded.said_at or (t.said_at = excluded.said_at and t.said_by collate "C" < excluded.said_by)
           returning user_external_id as "user", record_type as kind, record_external_id as record, is_member as "isMember"`,
    values: [workspaceId, toStorableJson(rows)],
  });
  return counting;
}
