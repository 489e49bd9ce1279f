// Writes `import_pieces`: a file, in pieces of a size that a row takes well.
import type { Queryable } from "../platform/database/pool.ts";

type Of = { workspaceId: string; id: string };

const pieceSize = 512 * 1024;

/** More than `mostBytes`: the rest is not read, and what came is to be thrown away. */
export class FileTooLargeError extends Error {}

/** Puts a stream down as it comes; a piece is in memory. Resolves to its length in bytes. */
export async function putPieces(
  db: Queryable,
  { workspaceId, id }: Of,
  bytes: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<number> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let size = 0;
  let place = 0;
  async function flush(): Promise<void> {
    if (length === 0) return;
    const piece = Buffer.concat(waiting);
    waiting = [];
    length = 0;
    await db.query("insert into import_pieces (workspace_id, import_id, place, bytes) values ($1, $2, $3, $4)", [
      workspaceId,
      id,
      place,
      piece,
    ]);
    place += 1;
  }
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > mostBytes) throw new FileTooLargeError();
    waiting.push(chunk);
    length += chunk.length;
    if (length >= pieceSize) await flush();
  }
  await flush();
  return size;
}

export async function* readPieces(db: Queryable, { workspaceId, id }: Of): AsyncGenerator<Uint8Array> {
  for (let place = 0; ; place += 1) {
    const { rows } = await db.query<{ bytes: Buffer }>(
      "select bytes from import_pieces where workspace_id = $1 and import_id = $2 and place = $3",
      [workspaceId, id, place],
    );
    if (rows.length === 0) return;
    yield rows[0]!.bytes;
  }
}

/** Of imports that were over before `before`; what became of them stays. */
export async function deleteOldPieces(db: Queryable, before: Date): Promise<void> {
  await db.query(
    `delete from import_pieces p using imports i
     where i.workspace_id = p.workspace_id and i.import_id = p.import_id
       and i.state <> 'running' and coalesce(i.finished_at, i.created_at) < $1`,
    [before],
  );
}
