import type { Queryable } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";

/** A time zone that PostgreSQL knows; UTC unless given. */
export async function checkZone(db: Queryable, zone = "UTC"): Promise<string> {
  const { rowCount } = await db.query("select from pg_timezone_names where name = $1", [zone]);
  if (rowCount === 0) throw new HttpError(400, `There is no time zone ${JSON.stringify(zone)}: Europe/Berlin is one.`);
  return zone;
}
