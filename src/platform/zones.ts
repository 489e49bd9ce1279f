import { isAboutData } from "./database/errors.ts";
import type { Queryable } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";

/**
 * A time zone as PostgreSQL has to be told of it; UTC unless given. PostgreSQL's own list of names is read from a file for each,
 * which takes 10 ms. Asking it for a time there takes none, but it also takes what is no name of a zone ("Mars5" is five hours
 * behind): that JavaScript does not know. Of a name that is wrong nothing else can be asked in the same transaction.
 */
export async function checkZone(db: Queryable, given = "UTC"): Promise<string> {
  const zone = given === "UTC" ? given : nameFully(given);
  if (zone === "UTC") return zone;
  const unknown = new HttpError(400, `There is no time zone ${JSON.stringify(given)}: Europe/Berlin is one.`);
  if (zone === undefined) throw unknown;
  await db.query("select now() at time zone $1", [zone]).catch((error) => {
    throw isAboutData(error) ? unknown : error;
  });
  return zone;
}

/**
 * Names without a slash PostgreSQL takes for abbreviations first: CET has no summer there, and BST is in London, where it is in
 * Dhaka for JavaScript, and so for the pages.
 */
function nameFully(zone: string): string | undefined {
  // "+03:00" is three hours ahead in JavaScript and three behind in PostgreSQL.
  if (!/^[a-z]/i.test(zone)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    return zone.includes("/") ? zone : timeZone;
  } catch {
    return undefined;
  }
}
