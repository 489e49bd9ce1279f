// What the API may see: the tables of the one workspace that it has named, whatever a statement says. Row-level security is
// PostgreSQL's, and it holds for every table that has a workspace: one that a migration adds is covered on the day it is made.
import type pg from "pg";
import type { Database, DatabasePool, Queryable } from "./pool.ts";

/** The role that the API's connections have. It owns nothing and cannot sign in. */
export const apiRole = "plumbline_api";

/** Tables whose lines the API may add and read, and never change. */
const appendOnly = ["audit_log", "trait_changes"];

/**
 * Makes the role and secures every table that has a workspace. Runs in the transaction of the migrations and changes nothing
 * where all is as it should be.
 */
export async function secureTables(db: Queryable): Promise<void> {
  await makeRole(db);
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped)
       and not (c.relrowsecurity and c.relforcerowsecurity and
                exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'one_workspace') and
                exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'every_workspace'))
     order by 1`,
  );
  for (const { name } of rows) await secureTable(db, name);
}

async function secureTable(db: Queryable, name: string): Promise<void> {
  const rights = appendOnly.includes(name) ? "select, insert" : "select, insert, update, delete";
  // The workspace is read once for a statement, not once for each row.
  const isOwn = "workspace_id = (select nullif(current_setting('plumbline.workspace_id', true), '')::uuid)";
  await db.query(`
    alter table ${name} enable row level security, force row level security;
    drop policy if exists one_workspace on ${name};
    drop policy if exists every_workspace on ${name};
    create policy one_workspace on ${name} to ${apiRole} using (${isOwn}) with check (${isOwn});
    create policy every_workspace on ${name} to current_user using (true) with check (true);
    grant ${rights} on ${name} to ${apiRole};`);
}

/** Roles are the whole server's: other databases of it may have made this one, just now even. */
async function makeRole(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ exists: boolean; member: boolean; user: string }>(
    `select exists (select from pg_roles where rolname = $1) as exists, current_user as "user",
            exists (select from pg_roles where rolname = $1) and pg_has_role(current_user, (select oid from pg_roles where rolname = $1), 'member') as member`,
    [apiRole],
  );
  const { exists, member, user } = rows[0]!;
  const statements = [
    ...(exists
      ? []
      : [
          `do $$ begin create role ${apiRole} nologin; exception when duplicate_object or unique_violation then null; end $$`,
        ]),
    ...(member ? [] : [`grant ${apiRole} to current_user`]),
  ];
  try {
    for (const statement of statements) await db.query(statement);
  } catch (error) {
    throw new Error(
      `The user ${user} may not make the role ${apiRole} in this PostgreSQL: let an administrator run \`create role ${apiRole} nologin; grant ${apiRole} to "${user}";\`, then start again.`,
      { cause: error },
    );
  }
}

/** Throws unless the pool's connections are the API's role: then PostgreSQL would let the API see everything. */
export async function refuseOtherRole(pool: DatabasePool): Promise<void> {
  const { rows } = await pool.query("select current_user as role");
  if (rows[0].role !== apiRole)
    throw new Error(
      `The API's connections to the database are ${rows[0].role} and not ${apiRole}: is there a pooler in between that drops the option "role"?`,
    );
}

/** The database as one workspace sees it. `pool` is the API role's, and every use of it goes through here. */
export function openWorkspace(pool: DatabasePool, workspaceId: string): Database {
  async function connect(): Promise<pg.PoolClient> {
    const client = await pool.connect();
    try {
      await client.query({
        name: "set-workspace",
        text: "select set_config('plumbline.workspace_id', $1, false)",
        values: [workspaceId],
      });
      return client;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }
  const query = async (...given: Parameters<pg.PoolClient["query"]>) => {
    const client = await connect();
    try {
      return await client.query(...given);
    } finally {
      client.release();
    }
  };
  return { connect, query: query as unknown as pg.Pool["query"] };
}
