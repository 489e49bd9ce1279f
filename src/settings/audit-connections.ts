// What the audit log says of connections: their settings, before and after, without anything secret.
import { writeAudit } from "../access/audit-log-table.ts";
import type { Queryable, Tx } from "../platform/database/pool.ts";
import type { Author } from "../platform/routes.ts";

type Of = { workspaceId: string; connectionId: string };
type Noted = Record<string, unknown>;

/** Somebody changes a connection, at a time. */
export type Change = Of & { author: Author; at: Date };

const subjectOf = ({ connectionId }: Of) => ({ type: "connection", id: connectionId });

/** `action` says what was done, `after` what there is now. */
export async function noteOfConnection(
  tx: Queryable,
  { workspaceId, connectionId, author, at }: Change,
  action: `${"connection" | "secret" | "integration-key"}.${string}`,
  said: { before?: Noted; after?: Noted } = {},
): Promise<void> {
  const subject = subjectOf({ workspaceId, connectionId });
  await writeAudit(tx, { ...author, workspaceId, action, subject, ...said }, at);
}

/** Runs `change` and notes what it changed of the connection's settings. Others who change it wait. */
export async function noteChange<T>(tx: Tx, change: Change, work: () => Promise<T>): Promise<T> {
  const before = await readSettings(tx, change);
  const done = await work();
  const after = await readSettings(tx, change);
  if (before.isOn !== after.isOn)
    await noteOfConnection(tx, change, after.isOn ? "connection.switched-on" : "connection.switched-off");
  await noteOfConnection(tx, change, "connection.changed", {
    before: { ...before, isOn: undefined },
    after: { ...after, isOn: undefined },
  });
  return done;
}

async function readSettings(tx: Tx, { workspaceId, connectionId }: Of): Promise<Noted> {
  const { rows } = await tx.query(
    `select name, is_on as "isOn", region, missing_records as "missingRecords", filtered_kinds as "filteredKinds",
            recorded_kinds as "recordedKinds", changed_identities as "changedIdentities", anonymous_visitors as "anonymousVisitors"
     from connections where workspace_id = $1 and connection_id = $2 for update`,
    [workspaceId, connectionId],
  );
  return rows[0] ?? {};
}

/** The last characters of what is in force, as every list shows them. */
export async function readSecretEnds(tx: Queryable, { workspaceId, connectionId }: Of, at: Date): Promise<string[]> {
  const { rows } = await tx.query(
    `select last_four as "lastFour" from connection_secrets
     where workspace_id = $1 and connection_id = $2 and (expires_at is null or expires_at > $3) order by created_at, secret_id`,
    [workspaceId, connectionId, at],
  );
  return rows.map(({ lastFour }) => `…${lastFour}`);
}

/** Null: there is no key. */
export async function readKeyEnd(tx: Queryable, { workspaceId, connectionId }: Of): Promise<string | null> {
  const { rows } = await tx.query(
    'select last_four as "lastFour" from integration_keys where workspace_id = $1 and connection_id = $2',
    [workspaceId, connectionId],
  );
  return rows.length === 0 ? null : `…${rows[0].lastFour}`;
}
