// Pages by cursor: the next page starts behind the last row seen, however many rows have come in front of it since.
import type { Queryable } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";
import { isStorableText } from "./json.ts";
import { isUuid } from "./uuid.ts";

export type Page<T> = { items: T[]; next: string | null };

/** A condition of a list: SQL with `?` for each of its values. */
export type Condition = { sql: string; values: unknown[] };

export type ListQuery = {
  /** Columns and tables: "select … from …". */
  select: string;
  /** The columns a list is ordered by: a time and an id, qualified. */
  time: string;
  id: string;
  /** In the order of this text instead of the time: a column in the order of bytes that is never null. */
  text?: string;
  /** The newest first, unless given. */
  order?: "newest-first" | "oldest-first" | "a-to-z" | "z-to-a";
  /** The ids carry the time: rows are in their order, and need no index of the time. */
  byId?: boolean;
  conditions: readonly Condition[];
  limit: number;
  from: string | undefined;
};

/** `from` is the `next` of the page before. */
export async function listPage<Row extends object>(db: Queryable, query: ListQuery): Promise<Page<Row>> {
  const conditions = [...query.conditions];
  if (query.from !== undefined) conditions.push(cursorCondition(query, query.from));
  const { where, values } = writeWhere(conditions);
  values.push(query.limit + 1);
  const key = query.text ?? query.time;
  // To the microsecond, and in UTC whatever the session's time zone: the same text is read back as the same moment.
  const place = query.text ?? `to_char(${query.time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const cursor = `${place} as "cursorKey", ${query.id} as "cursorId"`;
  const direction = isUpwards(query.order) ? "asc" : "desc";
  const { rows } = await db.query(
    `${query.select.replace(/^\s*select /, () => `select ${cursor}, `)}
     where ${where} order by ${query.byId ? "" : `${key} ${direction}, `}${query.id} ${direction} limit $${values.length}`,
    values,
  );
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const next = rows.length > query.limit && last ? writeCursor(last.cursorKey, last.cursorId) : null;
  for (const item of items) {
    delete item.cursorKey;
    delete item.cursorId;
  }
  return { items, next };
}

/** As the text of a `where`, with its values; `first` is the number of the first. */
export function writeWhere(conditions: readonly Condition[], first = 1): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const where = conditions.map(({ sql, values: own }) => {
    let used = 0;
    return sql.replaceAll("?", () => {
      values.push(own[used]);
      used += 1;
      return `$${values.length + first - 1}`;
    });
  });
  return { where: where.join(" and "), values };
}

/** Only what comes behind the page whose `next` this is. */
export function cursorCondition(
  { time, text, id, order, byId = false }: Pick<ListQuery, "time" | "text" | "id" | "order" | "byId">,
  from: string,
): Condition {
  const behind = isUpwards(order) ? ">" : "<";
  const [cursorKey, cursorId] = readCursor(from, text === undefined ? isCursorTime : isCursorText);
  if (byId) return { sql: `${id} ${behind} ?::uuid`, values: [cursorId] };
  const key = text === undefined ? "?::timestamptz" : '?::text collate "C"';
  return { sql: `(${text ?? time}, ${id}) ${behind} (${key}, ?::uuid)`, values: [cursorKey, cursorId] };
}

const isUpwards = (order: ListQuery["order"]) => order === "oldest-first" || order === "a-to-z";

function writeCursor(key: string, id: string): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

function readCursor(from: string, isKey: (key: unknown) => key is string): [string, string] {
  try {
    const [key, id] = JSON.parse(Buffer.from(from, "base64url").toString("utf8"));
    if (isKey(key) && typeof id === "string" && isUuid(id)) return [key, id];
  } catch {
    // The message below says what is wrong.
  }
  throw new HttpError(400, "`from` is not the `next` of an earlier page; leave it out to start from the beginning.");
}

const isCursorText = (key: unknown): key is string => typeof key === "string" && isStorableText(key);

/** A moment that PostgreSQL can read: days that no calendar has (2026-02-30) would be an error there. */
function isCursorTime(time: unknown): time is string {
  if (typeof time !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(time)) return false;
  const at = new Date(time);
  return at.getUTCFullYear() > 0 && at.toISOString().slice(0, 23) === time.slice(0, 23);
}
