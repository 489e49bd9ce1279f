// A new master key takes over: it is written beside the data first, then everything stored is sealed with it, in one
// transaction. At every moment in between, whoever knows the keys of the file can open everything; a process that runs
// meanwhile finds the new key in the file when it first meets it. So it can be broken off anywhere, and done again.
import { writeAudit } from "../access/audit-log-table.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { resealAddresses } from "./connection-addresses-table.ts";
import { resealWebhookSecrets } from "./connection-secrets-table.ts";
import { announceChange } from "./connections.ts";
import { resealIntegrationKeys } from "./integration-keys-table.ts";

export type Rotation = {
  /** The name of the key that seals from now on. */
  keyId: string;
  /** Whether it was made now; otherwise it was there, and this only sealed with it what was still sealed with older ones. */
  isNew: boolean;
  webhookSecrets: number;
  addresses: number;
  integrationKeys: number;
  /** Secrets that no known key opens, by the name of the key they were sealed with. They are as they were. */
  left: Record<string, number>;
};

type Parts = {
  database: Database;
  secretBox: SecretBox;
  /** Undefined where the keys are given by PLUMBLINE_SECRET_KEY. */
  addKey: (() => void) | undefined;
  author: Author;
  clock: () => Date;
};

export async function rotateMasterKey({ database, secretBox, addKey, author, clock }: Parts): Promise<Rotation> {
  return inTransaction(database, async (tx) => {
    // Two that make a key at the same time would write over each other's file, and one key would be lost with all it sealed.
    await tx.query("select pg_advisory_xact_lock(hashtext('plumbline master key'))");
    const finished = await resealAll(tx, secretBox);
    const isNew = finished.webhookSecrets + finished.integrationKeys + finished.addresses === 0;
    if (isNew && addKey === undefined) throw new Error(howToRotate);
    if (isNew) addKey?.();
    const rotation = isNew ? await resealAll(tx, secretBox) : finished;
    await announceChange(tx);
    const keyId = secretBox.keyIds()[0]!;
    await noteRotation(tx, { author, clock }, { keyId, isNew });
    return { keyId, isNew, ...rotation };
  });
}

/** The key is of the whole installation: every workspace that has secrets is told. */
async function noteRotation(
  tx: Tx,
  { author, clock }: Pick<Parts, "author" | "clock">,
  after: { keyId: string; isNew: boolean },
): Promise<void> {
  const { rows } = await tx.query(
    `select workspace_id as "workspaceId" from connection_secrets union select workspace_id from integration_keys
     union select workspace_id from connection_addresses where sealed is not null order by 1`,
  );
  const subject = { type: "master-key", id: after.keyId };
  for (const { workspaceId } of rows)
    await writeAudit(tx, { ...author, workspaceId, action: "secret.rotated", subject, after }, clock());
}

async function resealAll(tx: Tx, secretBox: SecretBox): Promise<Omit<Rotation, "keyId" | "isNew">> {
  const webhook = await resealWebhookSecrets(tx, secretBox);
  const integration = await resealIntegrationKeys(tx, secretBox);
  const addresses = await resealAddresses(tx, secretBox);
  const left = [webhook, integration, addresses].map((part) => part.left).reduce(add);
  return {
    webhookSecrets: webhook.resealed,
    integrationKeys: integration.resealed,
    addresses: addresses.resealed,
    left,
  };
}

const howToRotate = `Everything is sealed with the first key of PLUMBLINE_SECRET_KEY. To replace that key:
  1. put a new one in front, everywhere: PLUMBLINE_SECRET_KEY=<new>,<old> (\`openssl rand -hex 32\` makes one)
  2. restart every Plumbline, so that all of them open what the new key seals
  3. run \`plumbline keys rotate\` again, with the same variable`;

function add(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sum = { ...one };
  for (const [keyId, count] of Object.entries(other)) sum[keyId] = (sum[keyId] ?? 0) + count;
  return sum;
}
