// A delivery that was refused for its signature, looked at again with the secrets of today.
import type { Database } from "../../platform/database/pool.ts";
import type { SecretBox } from "../../platform/secret-box.ts";
import { checkBody, judgeObjects } from "./check-body.ts";
import { checkSignature } from "./check-signature.ts";
import { readValidSecrets } from "./connection-queries.ts";

export async function recheckSignature(
  database: Database,
  secretBox: SecretBox,
  delivery: { workspaceId: string; connectionId: string; headers: Record<string, unknown>; body: Buffer },
  now: Date,
): Promise<boolean> {
  const secrets = await readValidSecrets(database, secretBox, delivery, now);
  const header = delivery.headers["x-pendo-signature"];
  const isRight =
    secrets.length === 0 ||
    checkSignature(delivery.body, typeof header === "string" ? header : undefined, secrets) === "right";
  // It was refused before anybody looked into it: what cannot be read must not reach the worker.
  return isRight && checkBody(delivery.body, judgeObjects) === null;
}
