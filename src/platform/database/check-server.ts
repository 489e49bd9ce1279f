// Whether the server of DATABASE_URL can be used; where it cannot, what to do, in words without its password.
import { isDatabaseAway } from "./errors.ts";
import type { Queryable } from "./pool.ts";

type Server = {
  version: number;
  encoding: string;
  isStandby: boolean;
  isEmpty: boolean;
  mayCreate: boolean;
  user: string;
  database: string;
};

const oldestVersion = 15;

/** Throws an error with what to do when the server does not answer, or is not one that Plumbline can work on. */
export async function checkServer(database: Queryable, url: string): Promise<void> {
  const server = await askServer(database).catch((error) => {
    throw new Error(explain(error as Error & { code?: string }, url), { cause: error });
  });
  const version = Math.floor(server.version / 10_000);
  if (version < oldestVersion)
    throw new Error(
      `${describe(url)} is PostgreSQL ${version}; version ${oldestVersion} or newer is needed: upgrade it, or set DATABASE_URL to a newer server.`,
    );
  if (server.encoding !== "UTF8")
    throw new Error(
      `The database ${server.database} has the encoding ${server.encoding}, which cannot hold every text: make one with "create database … encoding 'UTF8' template template0", and name it in DATABASE_URL.`,
    );
  if (server.isStandby)
    throw new Error(`${describe(url)} is a standby that only reads: set DATABASE_URL to the primary server.`);
  if (server.isEmpty && !server.mayCreate) {
    const { user, database: name } = server;
    throw new Error(
      `The user ${user} may not make tables in the database ${name}: let its owner run "grant all on database ${name} to ${user}; grant all on schema public to ${user};", or make ${user} the database's owner.`,
    );
  }
}

async function askServer(database: Queryable): Promise<Server> {
  const { rows } = await database.query(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding, pg_is_in_recovery() as "isStandby",
            to_regclass('public.schema_migrations') is null as "isEmpty", current_user as user, current_database() as database,
            coalesce(has_schema_privilege(to_regnamespace('public'), 'create'), false) and has_database_privilege(current_database(), 'create') as "mayCreate"`,
  );
  return rows[0];
}

function explain(error: Error & { code?: string }, url: string): string {
  const where = describe(url);
  const words = listWords(error);
  if (error.code === "28P01" || error.code === "28000")
    return `${where} refuses the user or the password in DATABASE_URL (${words}): correct them; special characters in a password are written as %XX.`;
  if (error.code === "3D000") return `${where} has no such database (${words}): make it, or correct DATABASE_URL.`;
  if (error.code === "53300")
    return `${where} has no connection left (${words}): raise its max_connections, or end what uses them.`;
  if (/SSL|certificate|self.signed/i.test(words))
    return `${where} could not be reached securely (${words}): look at sslmode in DATABASE_URL.`;
  if (isDatabaseAway(error) || error instanceof AggregateError)
    return `${where} does not answer (${words}): is the server running, and are host and port of DATABASE_URL right?`;
  return `${where} cannot be used: ${words}`;
}

/** A host with several addresses fails with several errors, and no message of its own. */
function listWords(error: Error): string {
  const all = error instanceof AggregateError ? error.errors.map((one: Error) => one.message) : [error.message];
  return [...new Set(all)].join("; ");
}

function describe(url: string): string {
  const { host } = new URL(url);
  return `The PostgreSQL of DATABASE_URL${host === "" ? "" : ` at ${host}`}`;
}
