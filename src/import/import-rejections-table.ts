// Writes `import_rejections`.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { isStorableText, toStorableJson } from "../platform/json.ts";

type Of = { workspaceId: string; id: string };
export type Rejection = { row: number; reason: string; cells: readonly string[] };

/** Of very many, the first: the rest is counted. */
export const mostRejections = 100_000;

export async function insertRejections(
  tx: Tx,
  { workspaceId, id }: Of,
  rejections: readonly Rejection[],
): Promise<void> {
  await tx.query(
    `insert into import_rejections (workspace_id, import_id, row_number, reason, cells)
     select $1, $2, row, reason, array(select json_array_elements_text(cells))
     from json_to_recordset($3) as r(row int, reason text, cells json)`,
    [workspaceId, id, toStorableJson(rejections.map((one) => ({ ...one, cells: one.cells.map(toStorable) })))],
  );
}

/** What cannot be kept stands there as a mark. */
function toStorable(cell: string): string {
  return isStorableText(cell) ? cell : cell.replaceAll("\0", "\ufffd").toWellFormed();
}

export async function deleteRejections(tx: Tx, { workspaceId, id }: Of): Promise<void> {
  await tx.query("delete from import_rejections where workspace_id = $1 and import_id = $2", [workspaceId, id]);
}

export async function listRejections(
  db: Queryable,
  { workspaceId, id }: Of,
  page: { after: number; limit: number },
): Promise<Rejection[]> {
  const { rows } = await db.query(
    `select row_number as row, reason, cells from import_rejections
     where workspace_id = $1 and import_id = $2 and row_number > $3 order by row_number limit $4`,
    [workspaceId, id, page.after, page.limit],
  );
  return rows;
}
