// Sends a sample of every kind of event to a connection's own address, over HTTP, as Pendo would: signed where signatures are
// asked for. What they make is real, and about a visitor and an account of their own, so that it can be taken out again.
import { createHmac } from "node:crypto";
import { createSamples, sampleIds } from "../pendo/create-samples.ts";
import type { Database } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { createUuid } from "../platform/uuid.ts";
import { noteOfConnection } from "../settings/audit-connections.ts";
import { listAddresses } from "../settings/connection-addresses-table.ts";
import { readValidSecrets } from "./door/connection-queries.ts";
import { discardSamples } from "./inbox/deliveries-table.ts";
import { removeRecord } from "./remove-record.ts";
import { findRecordIds } from "./use/record-ids-queries.ts";

type Options = { database: Database; secretBox: SecretBox; clock: () => Date };
type Of = { workspaceId: string; connectionId: string; author: Author };

export type SentSample = {
  kind: string;
  label: string;
  becomes: string;
  status: number;
  deliveryId: string | null;
  message: string | null;
};

/** Milliseconds that an answer may take. */
const longestWait = 10_000;

/** `baseUrl` is where this server, or one with the door, is reached. */
export async function sendSamples(
  { database, secretBox, clock, baseUrl }: Options & { baseUrl: string },
  of: Of,
): Promise<{ items: SentSample[]; visitorId: string; accountId: string }> {
  const now = clock();
  const address = (await listAddresses(database, secretBox, of, now)).find((one) => one.address !== null)?.address;
  if (!address)
    throw new HttpError(409, "The address of this connection was made before addresses were kept: replace it first.");
  const [secret] = await readValidSecrets(database, secretBox, of, now);
  await noteOfConnection(database, { ...of, at: now }, "connection.sampled");
  const items: SentSample[] = [];
  for (const { body, ...sample } of createSamples(now, () => createUuid(now.getTime()))) {
    const bytes = Buffer.from(JSON.stringify(body));
    const signature =
      secret === undefined ? {} : { "x-pendo-signature": createHmac("sha256", secret).update(bytes).digest("hex") };
    const response = await fetch(`${baseUrl}/hooks/pendo/${address}`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Plumbline sample", ...signature },
      body: bytes,
      redirect: "error",
      signal: AbortSignal.timeout(longestWait),
    }).catch((error: Error) => {
      throw new HttpError(502, `Plumbline could not reach its own door at ${baseUrl}: ${error.message}.`);
    });
    const answer = (await response.json().catch(() => ({}))) as { deliveryId?: string; message?: string };
    const { status } = response;
    items.push({
      ...sample,
      status,
      deliveryId: answer.deliveryId ?? null,
      message: response.ok ? null : (answer.message ?? `It answered ${status}.`),
    });
  }
  return { items, ...sampleIds };
}

/** Deletes the records that samples made, with everything that is theirs, and gives up samples that wait. Resolves to how many there were. */
export async function removeSamples(
  { database, clock }: Pick<Options, "database" | "clock">,
  workspaceId: string,
  author: Author,
): Promise<{ removed: number; discarded: number }> {
  const named = [
    ["user", sampleIds.visitorId],
    ["account", sampleIds.accountId],
    ["organization", sampleIds.accountId],
  ] as const;
  let removed = 0;
  for (const [kind, externalId] of named)
    for (const id of await findRecordIds(database, kind, workspaceId, externalId))
      if (await removeRecord(database, { workspaceId, kind, id, at: clock(), author })) removed += 1;
  const discarded = await discardSamples(database, workspaceId, sampleIds, clock());
  return { removed, discarded };
}
