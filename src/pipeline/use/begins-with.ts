// Records `r` of which a word begins with what somebody types, whatever the case: the columns that are kept for it (0014_words.sql),
// each with its index.
import type { Condition } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { recordTables } from "./record-ids-queries.ts";

const ofAll = ["sort_key", "second_key", "last_key", "external_key", "external_second_key"];
const keys: Record<RecordKind, readonly string[]> = {
  account: ofAll,
  organization: ofAll,
  user: [...ofAll, "email_key"],
};

/** Behind every text that begins with another one, in the order of bytes. */
const last = "\u{10ffff}";
const begins = (key: string) => `${key} >= lower(?) collate "C" and ${key} < (lower(?) || '${last}') collate "C"`;

/** The domain of an e-mail is typed whole. */
const ofDomain = (typed: string) => ({ sql: "email_domain = lower(?)", values: [typed.replace(/^@/, "")] });

/**
 * For lists, in whichever order: PostgreSQL walks the list where many begin so, and reads the indexes where few do. Of a million
 * users the first page takes 5 ms where nearly all begin so, and where 40 do; 700 where its guess is wrong by a hundred times.
 */
export function beginsWith(kind: RecordKind, typed: string): Condition {
  const text = typed.trim();
  const conditions = keys[kind].map((key) => ({ sql: begins(`r.${key}`), values: [text, text] }));
  const domain = ofDomain(text);
  if (kind === "user") conditions.push({ sql: `r.${domain.sql}`, values: domain.values });
  return {
    sql: `(${conditions.map(({ sql }) => `(${sql})`).join(" or ")})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** For a few hits, however many begin so: the first `most` of each index. */
export function isAmongFirst(kind: RecordKind, workspaceId: string, typed: string, most: number): Condition {
  const { table, id } = recordTables[kind];
  const text = typed.trim();
  const first = keys[kind].map(
    (key) =>
      `(select ${id} from ${table} where workspace_id = ? and ${begins(key)} order by ${key} collate "C" limit ${most})`,
  );
  const values = first.flatMap(() => [workspaceId, text, text]);
  if (kind !== "user") return { sql: `r.${id} in (${first.join(" union ")})`, values };
  const domain = ofDomain(text);
  const inDomain = `(select ${id} from ${table} where workspace_id = ? and ${domain.sql} limit ${most})`;
  return {
    sql: `r.${id} in (${[...first, inDomain].join(" union ")})`,
    values: [...values, workspaceId, ...domain.values],
  };
}
