// Writes `audit_log`: who changed what, and who used a secret. Lines are only added, in the transaction of what they tell of.
// Nothing secret is in them (whether there is one, at most its last four characters), and nothing of a person's record:
// there the names of what changed are enough, so that erasing somebody never has to touch this log.
import { userInfo } from "node:os";
import type { Queryable } from "../platform/database/pool.ts";
import type { Actor, Author } from "../platform/routes.ts";
import { createUuid, deriveUuid } from "../platform/uuid.ts";

/** `<what>.<what was done to it>`. */
export type AuditAction =
  `${"connection" | "secret" | "integration-key" | "api-key" | "member" | "session" | "workspace" | "report" | "record" | "trait" | "import" | "export" | "delivery" | "mapping" | "match-job" | "job"}.${string}`;

export type AuditLine = Author & {
  workspaceId: string;
  action: AuditAction;
  subject: { type: string; id: string | null };
  before?: Readonly<Record<string, unknown>> | undefined;
  after?: Readonly<Record<string, unknown>> | undefined;
};

/** Of `before` and `after` only what differs is kept. Where both are given and nothing differs, nothing was done: no line. */
export async function writeAudit(tx: Queryable, line: AuditLine, at: Date): Promise<void> {
  const { before, after } = line;
  const changed =
    before && after ? Object.keys({ ...before, ...after }).filter((name) => !isSame(before[name], after[name])) : null;
  if (changed?.length === 0) return;
  await insertLine(
    tx,
    createUuid(at.getTime()),
    { ...line, before: pick(before, changed), after: pick(after, changed) },
    at,
  );
}

/**
 * That a secret was opened. A signature is checked thousands of times an hour, so there is one line for each secret and
 * hour (UTC), with the time of the first use in it: the line's id is derived from them.
 */
export async function writeSecretUse(
  db: Queryable,
  use: Pick<AuditLine, "workspaceId" | "subject"> & {
    action: "secret.used" | "integration-key.used";
    secretId: string;
  },
  at: Date,
): Promise<void> {
  const { workspaceId, action, subject, secretId } = use;
  const hour = at.toISOString().slice(0, 13);
  const id = deriveUuid("secret use", workspaceId, action, subject.id ?? "", secretId, hour);
  await insertLine(db, id, { workspaceId, action, subject, by: "system", address: null }, at);
}

async function insertLine(db: Queryable, id: string, line: AuditLine, at: Date): Promise<void> {
  const { workspaceId, address, action, subject, before, after } = line;
  const by = describeAuthor(line.by);
  await db.query({
    name: "insert-audit-line",
    text: `insert into audit_log (workspace_id, audit_id, at, by_kind, by_id, by_name, address, action, subject_type, subject_id, before, after)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (workspace_id, audit_id) do nothing`,
    values: [
      workspaceId,
      id,
      at,
      by.kind,
      by.id,
      by.name,
      address,
      action,
      subject.type,
      subject.id,
      before && JSON.stringify(before),
      after && JSON.stringify(after),
    ],
  });
}

/** What the log calls them. */
export function nameAuthor({ by }: Author): string {
  return describeAuthor(by).name;
}

function describeAuthor(by: Author["by"]): { kind: string; id: string | null; name: string } {
  if (by === "system") return { kind: by, id: null, name: "Plumbline" };
  if (by === "command-line") return { kind: by, id: null, name: nameOfUser() };
  const { kind, id, name }: Actor = by;
  return { kind, id, name };
}

/** Whose terminal it is. In containers a user may have a number and no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "without a name"}`;
  }
}

function pick(
  values: AuditLine["before"],
  names: readonly string[] | null,
): Readonly<Record<string, unknown>> | undefined {
  if (!values || !names) return values;
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
