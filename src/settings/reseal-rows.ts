// Seals stored secrets anew with the key in front, wherever an older one sealed them.
import type { Tx } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";

/** `left` are those that no known key opens, by the name of the key that sealed them. */
export type Resealed = { resealed: number; left: Record<string, number> };

/** `id` tells the secrets of a connection apart, where it may have several. */
type SealedRow = { workspaceId: string; connectionId: string; id: string | null; keyId: string; sealed: Buffer };

type Table = {
  read: string;
  /**
   * Takes a JSON list of {workspace_id, connection_id, id, old, key_id, sealed}, bytes as base64. It must leave a row alone whose bytes
   * are not `old` any more: the secret was replaced meanwhile.
   */
  write: string;
  placeOf: (workspaceId: string, connectionId: string) => string;
};

export async function resealRows(tx: Tx, secretBox: SecretBox, { read, write, placeOf }: Table): Promise<Resealed> {
  const [first, ...older] = secretBox.keyIds();
  const { rows } = await tx.query<SealedRow>(read);
  const left: Record<string, number> = {};
  const changes: object[] = [];
  for (const row of rows) {
    if (row.keyId === first) continue;
    const place = placeOf(row.workspaceId, row.connectionId);
    const secret = older.includes(row.keyId) ? tryToOpen(secretBox, row, place) : undefined;
    if (secret === undefined) {
      left[row.keyId] = (left[row.keyId] ?? 0) + 1;
      continue;
    }
    const { keyId, sealed } = secretBox.seal(secret, place);
    changes.push({
      workspace_id: row.workspaceId,
      connection_id: row.connectionId,
      id: row.id,
      old: row.sealed.toString("base64"),
      key_id: keyId,
      sealed: sealed.toString("base64"),
    });
  }
  if (changes.length === 0) return { resealed: 0, left };
  const { rowCount } = await tx.query(write, [JSON.stringify(changes)]);
  return { resealed: rowCount ?? 0, left };
}

/** One that was damaged must not keep the others from their new key. */
function tryToOpen(secretBox: SecretBox, row: SealedRow, place: string): string | undefined {
  try {
    return secretBox.open(row, place);
  } catch {
    return undefined;
  }
}
