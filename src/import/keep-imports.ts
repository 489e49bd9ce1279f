// What becomes of files that were imported.
import type { Queryable } from "../platform/database/pool.ts";
import { deleteOldPieces } from "./import-pieces-table.ts";
import { deleteBrokenUploads } from "./imports-table.ts";

const day = 24 * 60 * 60 * 1000;
const keptDays = 7;

export async function keepImports(db: Queryable, now: Date): Promise<void> {
  await deleteBrokenUploads(db, new Date(now.getTime() - day));
  await deleteOldPieces(db, new Date(now.getTime() - keptDays * day));
}
