// Writes `idempotency_keys`. A request with a key claims the key's row for a short time, and goes on claiming it while it is
// worked on; a process that dies leaves the row to whoever comes with the key when that time is over. The answer is kept only
// by the one whose claim it still is. Answers are sealed: some of them show a key or an address that is kept nowhere else.
import { randomUUID } from "node:crypto";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Claim, Idempotency, KeptAnswer } from "../platform/idempotency.ts";
import type { SecretBox } from "../platform/secret-box.ts";

/** Seconds. Long enough for a process that is busy or a database that is slow; who waits after a crash waits this long. */
const claimedFor = 30;
/** Milliseconds between renewals, for what takes longer. */
const renewEvery = 10_000;
/** Milliseconds that an answer is kept. */
export const keptFor = 24 * 60 * 60 * 1000;

type Key = { workspaceId: string; byId: string; key: string };

export function createIdempotency(options: { secretBox: SecretBox; clock: () => Date }): Idempotency {
  return {
    async begin(database, { hash, ...key }) {
      const claimId = randomUUID();
      if (await claimRow(database, key, { hash, claimId, now: options.clock() }))
        return { outcome: "begun", claim: holdClaim(database, { key, claimId, secretBox: options.secretBox }) };
      const row = await findRow(database, key);
      // It was released between the two: whoever asks again carries it out.
      if (!row) return { outcome: "in-progress", againInSeconds: 1 };
      if (!row.hash.equals(hash)) return { outcome: "other-request" };
      if (row.status === null) return { outcome: "in-progress", againInSeconds: Math.max(1, Math.ceil(row.seconds)) };
      return { outcome: "done", kept: { status: row.status, answer: openAnswer(options.secretBox, key, row) } };
    },
  };
}

/**
 * True: the row is ours. The lease is measured by the database's clock, which all processes share. Answers that are kept long
 * enough make room, so that a key can be used anew whether or not they were deleted already.
 */
async function claimRow(
  db: Queryable,
  { workspaceId, byId, key }: Key,
  { hash, claimId, now }: { hash: Buffer; claimId: string; now: Date },
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "claim-idempotency-key",
    text: `insert into idempotency_keys as k (workspace_id, by_id, key, request_hash, claim_id, claimed_until, created_at)
           values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6), $7)
           on conflict (workspace_id, by_id, key) do update
             set request_hash = excluded.request_hash, claim_id = excluded.claim_id, claimed_until = excluded.claimed_until,
                 created_at = excluded.created_at, status = null, key_id = null, sealed = null
             where (k.status is null and k.request_hash = excluded.request_hash and k.claimed_until < clock_timestamp()) or k.created_at < $8`,
    values: [workspaceId, byId, key, hash, claimId, claimedFor, now, new Date(now.getTime() - keptFor)],
  });
  return rowCount === 1;
}

type Row = { hash: Buffer; status: number | null; seconds: number; keyId: string; sealed: Buffer };

async function findRow(db: Queryable, { workspaceId, byId, key }: Key): Promise<Row | undefined> {
  const { rows } = await db.query(
    `select request_hash as hash, status, extract(epoch from claimed_until - clock_timestamp())::float8 as seconds, key_id as "keyId", sealed
     from idempotency_keys where workspace_id = $1 and by_id = $2 and key = $3`,
    [workspaceId, byId, key],
  );
  return rows[0];
}

function holdClaim(
  database: Database,
  { key, claimId, secretBox }: { key: Key; claimId: string; secretBox: SecretBox },
): Claim {
  const ours = [key.workspaceId, key.byId, key.key, claimId];
  const isOurs = "workspace_id = $1 and by_id = $2 and key = $3 and claim_id = $4";
  const renewal = setInterval(() => {
    const renew = `update idempotency_keys set claimed_until = clock_timestamp() + make_interval(secs => $5) where ${isOurs}`;
    // A renewal that fails is made up for by the next; and what is lost in the end is found out by `keep`.
    database.query(renew, [...ours, claimedFor]).catch(() => {});
  }, renewEvery).unref();
  return {
    async keep(db, { status, answer }: KeptAnswer) {
      const { keyId, sealed } = secretBox.seal(JSON.stringify(answer), placeOf(key));
      const { rowCount } = await db.query(
        `update idempotency_keys set status = $5, key_id = $6, sealed = $7 where ${isOurs} and status is null`,
        [...ours, status, keyId, sealed],
      );
      if (rowCount !== 1)
        throw new HttpError(
          409,
          "The same request with this Idempotency-Key was begun once more: try again in a moment.",
        );
      clearInterval(renewal);
    },
    async release() {
      clearInterval(renewal);
      // Where this fails, the claim runs out by itself; what the caller is told is why the request failed.
      await database.query(`delete from idempotency_keys where ${isOurs} and status is null`, ours).catch(() => {});
    },
  };
}

/** Never taken for a request that was not carried out: it would be carried out a second time. */
function openAnswer(secretBox: SecretBox, key: Key, { keyId, sealed }: Row): KeptAnswer["answer"] {
  try {
    return JSON.parse(secretBox.open({ keyId, sealed }, placeOf(key)));
  } catch {
    throw new HttpError(409, answerIsLost);
  }
}

const answerIsLost =
  "This request was carried out, and is not again. Its answer cannot be read any more: it was sealed with a master key that this server does not have. Look at what there is now.";

function placeOf({ workspaceId, byId, key }: Key): string {
  return JSON.stringify(["idempotency key", workspaceId, byId, key]);
}

/** For one workspace, as all that is deleted in bulk. */
export async function deleteOldAnswers(db: Queryable, workspaceId: string, now: Date): Promise<number> {
  const { rowCount } = await db.query("delete from idempotency_keys where workspace_id = $1 and created_at < $2", [
    workspaceId,
    new Date(now.getTime() - keptFor),
  ]);
  return rowCount ?? 0;
}
