import { isAboutData } from "./database/errors.ts";
import type { Queryable } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";

/**
 * A time zone by its name, that PostgreSQL knows; UTC unless given. PostgreSQL's own list of names is read from a file for each,
 * which takes 10 ms. Asking it for a time there takes none, but it also takes what is no name of a zone ("Mars5" is five hours
 * behind): that JavaScript does not know. Of a name that is wrong nothing else can be asked in the same transaction.
 */
export async function checkZone(db: Queryable, zone = "UTC"): Promise<string> {
  if (zone === "UTC") return zone;
  const unknown = new HttpError(400, `There is no time zone ${JSON.stringify(zone)}: Europe/Berlin is one.`);
  if (!isKnownToJavaScript(zone)) throw unknown;
  await db.query("select now() at time zone $1", [zone]).catch((error) => {
    throw isAboutData(error) ? unknown : error;
  });
  return zone;
}

function isKnownToJavaScript(zone: string): boolean {
  // "+03:00" is three hours ahead in JavaScript and three behind in PostgreSQL.
  if (!/^[a-z]/i.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
