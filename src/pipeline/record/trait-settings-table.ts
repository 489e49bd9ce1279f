// Writes `trait_settings`: what a workspace has decided about traits of a name.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";
import type { TraitTypes } from "../trait-values.ts";

export type TraitsNamed = { workspaceId: string; kind: RecordKind; name: string };

export type TraitSettings = {
  /** The type that values of people, imports and the API must have; null: whatever a value looks like. */
  type: string | null;
  /** The sources that stand before all others, in their order; null: the usual order. */
  sources: readonly string[] | null;
};

export async function putTraitSettings(tx: Tx, of: TraitsNamed, settings: TraitSettings, at: Date): Promise<void> {
  if (settings.type === null && settings.sources === null) {
    await tx.query("delete from trait_settings where workspace_id = $1 and record_type = $2 and name = $3", [
      of.workspaceId,
      of.kind,
      of.name,
    ]);
    return;
  }
  await tx.query(
    `insert into trait_settings (workspace_id, record_type, name, type, sources, updated_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (workspace_id, record_type, name) do update
     set type = excluded.type, sources = excluded.sources, updated_at = excluded.updated_at`,
    [of.workspaceId, of.kind, of.name, settings.type, settings.sources, at],
  );
}

/** Without a row: as it comes. */
export async function findTraitSettings(db: Queryable, of: TraitsNamed): Promise<TraitSettings> {
  const { rows } = await db.query<TraitSettings>(
    "select type, sources from trait_settings where workspace_id = $1 and record_type = $2 and name = $3",
    [of.workspaceId, of.kind, of.name],
  );
  return rows[0] ?? { type: null, sources: null };
}

/** The types that are set, by name. */
export async function listTraitTypes(db: Queryable, workspaceId: string, kind: RecordKind): Promise<TraitTypes> {
  const { rows } = await db.query(
    "select name, type from trait_settings where workspace_id = $1 and record_type = $2 and type is not null",
    [workspaceId, kind],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}
