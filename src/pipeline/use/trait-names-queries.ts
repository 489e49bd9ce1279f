// Which traits there are, where they come from, and what was decided about them.
import type { Queryable } from "../../platform/database/pool.ts";
import type { RecordKind, TraitType } from "../records.ts";
import { customSource, findReportId } from "../trait-sources.ts";
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
 * Every name that is in use, or decided about. Counted when it is asked for: 5,400,000 values of a million users take 1.6 s on
 * two cores. An index by name would take that to 0.3 s, and every value that a report writes would pay for it.
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
  const besides = await countBesides(db, { workspaceId, level }, [...byName.values()].flatMap(rankSources));
  const describe = (await readTraitSources(db, workspaceId)).describe;
  return [...new Set([...byName.keys(), ...settings.keys()])].sort().map((name) => {
    const { type = null, sources = null } = settings.get(name) ?? {};
    const rows = byName.get(name) ?? [];
    return {
      level,
      name,
      type,
      sources,
      records: (listSources(rows)[0]?.records ?? 0) + (besides.get(name) ?? 0),
      from: [...groupBy(rows, (row) => row.source)]
        .sort(([one], [other]) => comparePrecedence(sources, one, other))
        .map(([source, ofSource]) => ({ ...describe(source), records: sum(ofSource), types: listTypes(ofSource) })),
    };
  });
}

type Ranked = { name: string; source: string; larger: string[] };

/** The sources of one name but the largest, each with those that are larger. */
function rankSources(rows: readonly Counted[]): Ranked[] {
  const sources = listSources(rows).map(({ source }) => source);
  return sources
    .slice(1)
    .map((source, place) => ({ name: rows[0]!.name, source, larger: sources.slice(0, place + 1) }));
}

/**
 * Records that have a trait from a source and from none that is larger: with those of the largest source, every record that
 * has it, once. Counting distinct records of three million values took 5 s and 150 MB of disk.
 */
async function countBesides(
  db: Queryable,
  { workspaceId, level }: { workspaceId: string; level: RecordKind },
  ranked: readonly Ranked[],
): Promise<Map<string, number>> {
  if (ranked.length === 0) return new Map();
  const { rows } = await db.query<{ name: string; records: number }>(
    `select t.name, count(*) as records
     from jsonb_to_recordset($3) as s(name text, source text, larger text[])
     join traits t on t.workspace_id = $1 and t.record_type = $2 and t.name = s.name and t.source = s.source
     where not exists (select from traits l where l.workspace_id = $1 and l.record_type = $2 and l.record_id = t.record_id
                         and l.name = t.name and l.source = any(s.larger))
     group by 1`,
    [workspaceId, level, JSON.stringify(ranked)],
  );
  return new Map(rows.map(({ name, records }) => [name, records]));
}

/** The largest first. */
function listSources(rows: readonly Counted[]): { source: string; records: number }[] {
  return [...groupBy(rows, (row) => row.source)]
    .map(([source, ofSource]) => ({ source, records: sum(ofSource) }))
    .sort((one, other) => other.records - one.records);
}

/** As `precedence` in traits-queries.ts orders them. */
function comparePrecedence(chosen: readonly string[] | null, one: string, other: string): number {
  const rank = (source: string) => {
    const place = chosen?.indexOf(source) ?? -1;
    if (place !== -1) return place;
    if (source === customSource) return 1_000;
    return findReportId(source) === null ? 1_001 : 1_002;
  };
  const byName = one < other ? -1 : 1;
  return rank(one) - rank(other) || (rank(one) === 1_002 ? -byName : byName);
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
