// What every visitor and account would be called by a mapping that is only looked at: in a temporary table, so that a million
// of them need no memory, and nothing of it is left.
import type { Queryable } from "../../../platform/database/pool.ts";
import { toStorableJson } from "../../../platform/json.ts";
import type { IdentityKind } from "../identity-queries.ts";

/**
 * value: external_id is set · no-value: the field is empty · nobody: the id, or the field, stands for nobody · unknown: Pendo
 * does not list it, but something was recorded of it
 */
type StagedState = "value" | "no-value" | "nobody" | "unknown";
export type StagedIdentity = { pendoId: string; state: StagedState; externalId: string | null };

export async function createStagedIdentities(db: Queryable): Promise<void> {
  await db.query(
    `create temporary table plumbline_identities (
       kind text not null, pendo_id text collate "C" not null, state text, external_id text, primary key (kind, pendo_id))`,
  );
}

export async function stageIdentities(
  db: Queryable,
  kind: IdentityKind,
  identities: readonly StagedIdentity[],
): Promise<void> {
  await db.query({
    name: "stage-identities",
    text: `insert into pg_temp.plumbline_identities (kind, pendo_id, state, external_id)
           select $1, "pendoId", state, "externalId"
           from json_to_recordset($2) as r("pendoId" text, state text, "externalId" text) on conflict do nothing`,
    values: [kind, toStorableJson(identities)],
  });
}

const page = 5_000;

/** Adds the ids that the connection has seen and Pendo has not told of; `decide` says of each what it is. */
export async function stageSeenIds(
  db: Queryable,
  of: { workspaceId: string; connectionId: string },
  kind: IdentityKind,
  decide: (pendoId: string) => StagedIdentity,
): Promise<void> {
  const ids = ["events", "nps_responses", "deliveries"].map(
    (table) => `select pendo_${kind}_id as id from ${table} where workspace_id = $1 and connection_id = $2`,
  );
  await db.query(
    `insert into pg_temp.plumbline_identities (kind, pendo_id)
     select $3, id from (${ids.join(" union ")}) as seen where id is not null on conflict do nothing`,
    [of.workspaceId, of.connectionId, kind],
  );
  for (let after = ""; ; ) {
    const { rows } = await db.query<{ id: string; isOpen: boolean }>(
      `select pendo_id as id, state is null as "isOpen" from pg_temp.plumbline_identities
       where kind = $1 and pendo_id > $2 order by pendo_id limit ${page}`,
      [kind, after],
    );
    await decideOpen(
      db,
      kind,
      rows.filter((row) => row.isOpen).map((row) => decide(row.id)),
    );
    if (rows.length < page) break;
    after = rows.at(-1)!.id;
  }
}

async function decideOpen(db: Queryable, kind: IdentityKind, decided: readonly StagedIdentity[]): Promise<void> {
  if (decided.length === 0) return;
  await db.query(
    `insert into pg_temp.plumbline_identities (kind, pendo_id, state, external_id)
     select $1, "pendoId", state, "externalId" from json_to_recordset($2) as r("pendoId" text, state text, "externalId" text)
     on conflict (kind, pendo_id) do update set state = excluded.state, external_id = excluded.external_id`,
    [kind, toStorableJson(decided)],
  );
}

type Example = { pendoId: string; externalId: string | null; record: string | null };
type Counted = { count: number; examples: Example[] };
type Collision = { externalId: string; pendoIds: string[]; count: number };

export type PeoplePreview = {
  known: number;
  linked: Counted;
  /** Their external IDs have no record: one would be made, or what comes of them parked where the connection only links. */
  withoutRecord: Counted;
  noValue: Counted;
  nobody: Counted;
  /** Seen in deliveries, not in Pendo's list. */
  unknown: Counted;
  /** Visitors or accounts that share their external ID with another; they are counted above as well. */
  collide: { count: number; externalIds: number; examples: Collision[] };
};

export type RecordTable = { table: "users" | "accounts" | "organizations"; id: string };
export const recordTables = {
  user: { table: "users", id: "user_id" },
  account: { table: "accounts", id: "account_id" },
  organization: { table: "organizations", id: "organization_id" },
} as const satisfies Record<string, RecordTable>;

const mostExamples = 10;
const classes = {
  linked: "i.state = 'value' and r.id is not null",
  withoutRecord: "i.state = 'value' and r.id is null",
  noValue: "i.state = 'no-value'",
  nobody: "i.state = 'nobody'",
  unknown: "i.state = 'unknown'",
} as const;

export async function countStaged(
  db: Queryable,
  workspaceId: string,
  kind: IdentityKind,
  { table, id }: RecordTable,
): Promise<PeoplePreview> {
  const from = `pg_temp.plumbline_identities i
    left join lateral (select ${id} as id from ${table} where workspace_id = $1 and external_id = i.external_id limit 1) r on true
    where i.kind = $2`;
  const names = Object.keys(classes) as (keyof typeof classes)[];
  const { rows } = await db.query(
    `select count(*) as known, ${names.map((name) => `count(*) filter (where ${classes[name]}) as "${name}"`).join(", ")} from ${from}`,
    [workspaceId, kind],
  );
  const counted = async (name: keyof typeof classes): Promise<Counted> => {
    const { rows: examples } = await db.query<Example>(
      `select i.pendo_id as "pendoId", i.external_id as "externalId", r.id as record from ${from} and ${classes[name]}
       order by i.pendo_id limit ${mostExamples}`,
      [workspaceId, kind],
    );
    return { count: rows[0][name], examples };
  };
  return {
    known: rows[0].known,
    linked: await counted("linked"),
    withoutRecord: await counted("withoutRecord"),
    noValue: await counted("noValue"),
    nobody: await counted("nobody"),
    unknown: await counted("unknown"),
    collide: await countCollisions(db, kind),
  };
}

async function countCollisions(db: Queryable, kind: IdentityKind): Promise<PeoplePreview["collide"]> {
  const shared = `select external_id, count(*) as count from pg_temp.plumbline_identities
                  where kind = $1 and external_id is not null group by external_id having count(*) > 1`;
  const { rows } = await db.query(
    `select count(*) as "externalIds", coalesce(sum(count), 0)::bigint as count from (${shared}) as s`,
    [kind],
  );
  const { rows: examples } = await db.query<Collision>(
    `select s.external_id as "externalId", s.count, array(
              select pendo_id from pg_temp.plumbline_identities i where i.kind = $1 and i.external_id = s.external_id
              order by pendo_id limit ${mostExamples}) as "pendoIds"
     from (${shared} order by count(*) desc, external_id limit ${mostExamples}) as s`,
    [kind],
  );
  return { ...rows[0], examples };
}
