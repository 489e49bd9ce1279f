// Polls and their results. A poll is a question of a guide: Pendo's ids of both, and the words where it has none.
import type { PollQuery } from "../../contract/numbers.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, writeWhere } from "../../platform/paging.ts";
import { listFactConditions } from "./fact-conditions.ts";
import { checkZone } from "./zones.ts";

type Key = { guide: string | null; poll: string | null; question: string | null };

const mostPolls = 200;
const mostRows = 50;
/** With more different answers than this, and most of them given once, they are texts that people typed. */
const mostChoices = 30;

/** With an id of Pendo's own, the words do not matter: they change with the language. */
const key = `f.guide_id, f.poll_id, case when f.poll_id is null then f.question end`;

const summary = `jsonb_build_array(f.guide_id, f.poll_id, case when f.poll_id is null then f.question end) as key,
  (array_agg(f.question order by f.responded_at desc) filter (where f.question is not null))[1] as question,
  (array_agg(f.poll_type order by f.responded_at desc) filter (where f.poll_type is not null))[1] as "pollType",
  jsonb_build_object('id', f.guide_id, 'name', (array_agg(f.guide_name order by f.responded_at desc) filter (where f.guide_name is not null))[1]) as guide,
  count(*)::int as answers, max(f.responded_at) as "lastAt"`;

export async function listPolls(db: Queryable, workspaceId: string, query: PollQuery): Promise<object[]> {
  const { where, values } = writeWhere(await listFactConditions(db, workspaceId, "f.responded_at", query));
  const { rows } = await db.query(
    `select ${summary} from poll_responses f where ${where} group by ${key} order by max(f.responded_at) desc limit ${mostPolls}`,
    values,
  );
  return rows.map(({ key: parts, ...poll }) => ({ id: writeId(parts), ...poll }));
}

/** Undefined: nobody has answered such a poll. */
export async function readPoll(
  db: Queryable,
  workspaceId: string,
  id: string,
  query: PollQuery,
): Promise<object | undefined> {
  const poll = readId(id);
  if (!poll) return undefined;
  const zone = await checkZone(db, query.zone);
  const known = writeWhere([...(await listFactConditions(db, workspaceId, "f.responded_at", {})), ...ofPoll(poll)]);
  const { rows } = await db.query(
    `select ${summary} from poll_responses f where ${known.where} group by ${key}`,
    known.values,
  );
  if (rows.length === 0) return undefined;
  const { where, values } = writeWhere([
    ...(await listFactConditions(db, workspaceId, "f.responded_at", query)),
    ...ofPoll(poll),
  ]);
  const label = `coalesce(f.answer_label, case when jsonb_typeof(f.answer) = 'string' then f.answer #>> '{}' else f.answer::text end)`;
  const from = `from poll_responses f where ${where}`;
  const { rows: choices } = await db.query<{ label: string; answers: number }>(
    `select ${label} as label, count(*)::int as answers ${from} and f.answer is not null group by 1 order by 2 desc, 1 limit ${mostRows}`,
    values,
  );
  const { rows: totals } = await db.query<{
    answers: number;
    lastAt: Date | null;
    average: number | null;
    different: number;
  }>(
    `select count(*)::int as answers, max(f.responded_at) as "lastAt", count(distinct ${label})::int as different,
            (avg((f.answer #>> '{}')::numeric) filter (where jsonb_typeof(f.answer) = 'number'))::float8 as average ${from}`,
    values,
  );
  const { rows: buckets } = await db.query(
    `select to_char(f.responded_at at time zone $${values.length + 1}, 'YYYY-MM-DD') as at, count(*)::int as answers ${from} group by 1 order by 1`,
    [...values, zone],
  );
  const { rows: accounts } = await db.query(
    `select n.account_id as id, a.external_id as "externalId", a.name, n.answers, n.last from (
       select f.account_id, count(*)::int as answers, (array_agg(${label} order by f.responded_at desc))[1] as last ${from}
       group by 1 order by 2 desc, 1 limit ${mostRows}
     ) n left join accounts a on a.workspace_id = $1 and a.account_id = n.account_id order by n.answers desc, a.external_id`,
    values,
  );
  const { key: _, ...described } = rows[0];
  const { answers, lastAt, average, different } = totals[0]!;
  const texts = /free/i.test(described.pollType ?? "") || (different > mostChoices && different > answers / 2);
  return {
    id,
    ...described,
    answers,
    lastAt: lastAt ?? described.lastAt,
    choices: texts ? [] : choices,
    average,
    texts,
    buckets,
    accounts,
  };
}

function ofPoll({ guide, poll, question }: Key): Condition[] {
  const same = (column: string, value: string | null): Condition =>
    value === null ? { sql: `${column} is null`, values: [] } : { sql: `${column} = ?`, values: [value] };
  const conditions = [same("f.guide_id", guide), same("f.poll_id", poll)];
  return poll === null ? [...conditions, same("f.question", question)] : conditions;
}

function writeId(parts: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

function readId(id: string): Key | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, "base64url").toString("utf8"));
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    const isText = (part: unknown) => part === null || (typeof part === "string" && !part.includes("\0"));
    if (!parts.every(isText)) return undefined;
    const [guide, poll, question] = parts as [string | null, string | null, string | null];
    return { guide, poll, question };
  } catch {
    return undefined;
  }
}
