// Who opens a stored secret says so in the audit log: once an hour for each, however often it is opened.
import type { Queryable } from "../platform/database/pool.ts";
import { writeSecretUse } from "./audit-log-table.ts";

export type SecretUse = {
  workspaceId: string;
  connectionId: string;
  secret: { kind: "webhook-secret"; id: string } | { kind: "integration-key" };
};

/**
 * The first use of an hour waits for its line: what cannot be noted is not opened. What this process has noted is remembered
 * for the hour, so that the others cost nothing.
 */
export function createSecretUses(db: Queryable, clock: () => Date): (uses: readonly SecretUse[]) => Promise<void> {
  let noted = new Set<string>();
  let hour = 0;
  return async (uses) => {
    const now = clock();
    const thisHour = Math.floor(now.getTime() / 3_600_000);
    if (thisHour !== hour) {
      hour = thisHour;
      noted = new Set();
    }
    for (const { workspaceId, connectionId, secret } of uses) {
      const secretId = secret.kind === "webhook-secret" ? secret.id : "";
      const name = `${workspaceId}/${connectionId}/${secret.kind}/${secretId}`;
      if (noted.has(name)) continue;
      const action = secret.kind === "webhook-secret" ? "secret.used" : "integration-key.used";
      const subject = { type: "connection", id: connectionId };
      await writeSecretUse(db, { workspaceId, action, subject, secretId }, now);
      noted.add(name);
    }
  };
}
