// Which traits there are, where they come from, and what was decided about them.
import type { Queryable } from "../../platform/database/pool.ts";
import type { RecordKind, TraitType } from "../records.ts";
import { customSource } from "../trait-sources.ts";
import { type DescribedSource, readTraitSources } from "./trait-sources-queries.ts";

export type TraitName = {
  level: RecordKind;
  name: string;
  /** What the workspace has decided; null: nothing. */
  type: TraitType | null;
  sources: readonly string[] | null;
  /** How many records have it, from whichever source. */
  records: number;
  /** Its sources in the order in which they stand for it. */
  from: (DescribedSource & { records: number; types: { type: TraitType; records: number }[] })[];
};

type Counted = { name: string; source: string; type: TraitType; records: number };
type Decided = Pick<TraitName, "name" | "type" | "sources">;

/**
 * Every name that is in use, or decided about. Counted when it is asked for: 5,400,000 values of a million users take 1.0 s on
 * two cores, and names with two sources as much again. An index by name would make it 0.3 s, and every value that a report
 * writes pays for that.
 */
export async function listTraitNames(db: Queryable, workspaceId: string, level: RecordKind): Promise<TraitName[]> {
  const { rows: counts } = await db.query<Counted>(
    `select name, source, type, count(*) as records from traits where workspace_id = $1 and record_type = $2 group by 1, 2, 3`,
    [workspaceId, level],
  );
  const { rows: decided } = await db.query<Decided>(
    "select name, type, sources from trait_settings where workspace_id = $1 and record_type = $2",
    [workspaceId, level],
  );
  const settings = new Map(decided.map((one) => [one.name, one]));
  const byName = groupBy(counts, (one) => one.name);
  const shared = [...byName].filter(([, rows]) => new Set(rows.map((row) => row.source)).size > 1);
  const together = await countRecords(
    db,
    { workspaceId, level },
    shared.map(([name]) => name),
  );
  const describe = (await readTraitSources(db, workspaceId)).describe;
  return [...new Set([...byName.keys(), ...settings.keys()])].sort().map((name) => {
    const { type = null, sources = null } = settings.get(name) ?? {};
    const rows = byName.get(name) ?? [];
    return {
      level,
      name,
      type,
      sources,
      records: together.get(name) ?? sum(rows),
      from: [...groupBy(rows, (row) => row.source)]
        .sort(([one], [other]) => comparePrecedence(sources, one, other))
        .map(([source, ofSource]) => ({ ...describe(source), records: sum(ofSource), types: listTypes(ofSource) })),
    };
  });
}

/** Of names that several sources give: a record that has it twice counts once. */
async function countRecords(
  db: Queryable,
  { workspaceId, level }: { workspaceId: string; level: RecordKind },
  names: readonly string[],
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const { rows } = await db.query<{ name: string; records: number }>(
    `select name, count(distinct record_id) as records from traits
     where workspace_id = $1 and record_type = $2 and name = any($3) group by 1`,
    [workspaceId, level, names],
  );
  return new Map(rows.map(({ name, records }) => [name, records]));
}

/** As `precedence` in traits-queries.ts orders them. */
function comparePrecedence(chosen: readonly string[] | null, one: string, other: string): number {
  const rank = (source: string) => {
    const place = chosen?.indexOf(source) ?? -1;
    if (place !== -1) return place;
    return source === customSource ? 1_000 : 1_001;
  };
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

function listTypes(rows: readonly Counted[]): { type: TraitType; records: number }[] {
  return rows.map(({ type, records }) => ({ type, records })).sort((one, other) => other.records - one.records);
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

function sum(rows: readonly Counted[]): number {
  return rows.reduce((total, row) => total + row.records, 0);
}
