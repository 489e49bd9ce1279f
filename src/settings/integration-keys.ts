// What an administrator does with Pendo's integration key of a connection, and its region.
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { noteChange, noteOfConnection, readKeyEnd } from "./audit-connections.ts";
import { getConnection } from "./connection-queries.ts";
import { announceChange } from "./connections.ts";
import { clearAskingTrouble, setRegion } from "./connections-table.ts";
import {
  deleteIntegrationKey,
  forgetKeyState,
  type KeyState,
  noteKeyState,
  putIntegrationKey,
} from "./integration-keys-table.ts";
import { refuseWrongKey } from "./refuse-wrong-key.ts";

export type PendoAccess = {
  /** Null takes the key away. */
  integrationKey?: string | null | undefined;
  region?: string | undefined;
};

type Parts = { database: Database; clock: () => Date; author: Author };

/** Changes what is given. A key that is set is untested, and so is one whose region has changed. */
export async function setPendoAccess(
  { database, secretBox, clock, author }: Parts & { secretBox: SecretBox },
  connectionId: string,
  { integrationKey, region }: PendoAccess,
): Promise<void> {
  const now = clock();
  await inTransaction(database, async (tx) => {
    const { workspaceId } = await getConnection(tx, connectionId);
    const of = { workspaceId, connectionId };
    const change = { ...of, author, at: now };
    const keyBefore = await readKeyEnd(tx, of);
    if (region !== undefined) {
      await noteChange(tx, change, () => setRegion(tx, of, region));
      await forgetKeyState(tx, of);
    }
    // The old one first: one that does not open must not keep a new one from taking its place.
    if (integrationKey !== undefined) await deleteIntegrationKey(tx, of);
    if (typeof integrationKey === "string") {
      await refuseWrongKey(tx, secretBox, now);
      await putIntegrationKey(tx, secretBox, { ...of, key: integrationKey }, now);
    }
    if (integrationKey !== undefined)
      await noteOfConnection(tx, change, integrationKey === null ? "integration-key.removed" : "integration-key.set", {
        before: { key: keyBefore },
        // Another key may end in the same characters: that it was set is noted all the same.
        after: { key: await readKeyEnd(tx, of), at: now },
      });
    // What waits for Pendo's answers is asked about at once.
    await clearAskingTrouble(tx, workspaceId, connectionId);
    await announceChange(tx, workspaceId);
  });
}

/** What Pendo said in a test. When it takes the key again, whatever waits for that goes on at once. */
export async function recordKeyTest(
  { database, clock, author }: Parts,
  of: { workspaceId: string; connectionId: string },
  test: { state: KeyState; mayWrite: boolean | null; keySetAt: Date },
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await noteKeyState(tx, of, test, clock());
    const { state, mayWrite } = test;
    await noteOfConnection(tx, { ...of, author, at: clock() }, "integration-key.tested", {
      after: { state, mayWrite },
    });
    if (test.state !== "valid") return;
    await clearAskingTrouble(tx, of.workspaceId, of.connectionId);
    await announceChange(tx, of.workspaceId);
  });
}

const longestKey = 500;

/**
 * The key that somebody has pasted, without what comes along: space around it, quotes, the name of the header. Throws
 * when what is left cannot be a key. A region at its end (`….eu`) is part of it: Pendo gives such keys, too.
 */
export function readIntegrationKey(text: string): string {
  const key = text
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, "")
    .trim()
    .replace(/^x-pendo-integration-key\s*:\s*/i, "")
    .replace(/^(["'`])(.*)\1$/s, "$2")
    .trim();
  if (key === "") throw new Error("The integration key is empty.");
  if (key.length > longestKey || !/^[\x21-\x7e]+$/.test(key))
    throw new Error(
      "This is no integration key: it has spaces, line breaks or letters that no key has. Copy it anew from Pendo: Settings → Integrations → Integration Keys.",
    );
  return key;
}
