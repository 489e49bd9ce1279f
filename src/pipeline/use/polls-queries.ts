// Polls and their results.
import type { PollQuery } from "../../contract/numbers.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, writeWhere } from "../../platform/paging.ts";
import { checkZone } from "../../platform/zones.ts";
import { answerText, listCountedConditions } from "./fact-conditions.ts";
import { ofPoll, pollKey, readPollId, writePollId } from "./poll-id.ts";

const mostPolls = 200;
const mostRows = 50;
/** With more different answers than this, and most of them given once, they are texts that people typed. */
const mostChoices = 30;

const newest = (column: string) =>
  `(array_agg(${column} order by f.responded_at desc) filter (where ${column} is not null))[1]`;
const summary = `jsonb_build_array(${pollKey}) as key, ${newest("f.question")} as question, ${newest("f.poll_type")} as "pollType",
  jsonb_build_object('id', f.guide_id, 'name', ${newest("f.guide_name")}) as guide,
  count(*)::int as answers, max(f.responded_at) as "lastAt"`;

export async function listPolls(db: Queryable, workspaceId: string, query: PollQuery): Promise<object[]> {
  const { where, values } = writeWhere(await listConditions(db, workspaceId, query));
  const { rows } = await db.query(
    `select ${summary} from poll_responses f where ${where} group by ${pollKey} order by max(f.responded_at) desc limit ${mostPolls}`,
    values,
  );
  return rows.map(({ key: parts, ...poll }) => ({ id: writePollId(parts), ...poll }));
}

function listConditions(
  db: Queryable,
  workspaceId: string,
  { zone: _zone, ...filter }: PollQuery,
): Promise<Condition[]> {
  return listCountedConditions(db, workspaceId, "pollResponses", filter);
}

type Totals = {
  answers: number;
  lastAt: Date | null;
  different: number;
  average: number | null;
  median: number | null;
  least: number | null;
  most: number | null;
};

/** Undefined: nobody has answered such a poll. */
export async function readPoll(
  db: Queryable,
  workspaceId: string,
  id: string,
  query: PollQuery,
): Promise<object | undefined> {
  const poll = readPollId(id);
  if (!poll) return undefined;
  const zone = await checkZone(db, query.zone);
  const known = writeWhere([...(await listConditions(db, workspaceId, {})), ...ofPoll(poll)]);
  const { rows } = await db.query(
    `select ${summary} from poll_responses f where ${known.where} group by ${pollKey}`,
    known.values,
  );
  if (rows.length === 0) return undefined;
  const { where, values } = writeWhere([...(await listConditions(db, workspaceId, query)), ...ofPoll(poll)]);
  const from = `from poll_responses f where ${where}`;
  const { rows: choices } = await db.query<{ label: string; answers: number }>(
    `select ${answerText} as label, count(*)::int as answers ${from} and f.answer is not null group by 1 order by 2 desc, 1 limit ${mostRows}`,
    values,
  );
  const number = "(f.answer #>> '{}')::numeric";
  const isNumber = "filter (where jsonb_typeof(f.answer) = 'number')";
  const { rows: totals } = await db.query<Totals>(
    `select count(*)::int as answers, max(f.responded_at) as "lastAt", count(distinct ${answerText})::int as different,
            (avg(${number}) ${isNumber})::float8 as average, (min(${number}) ${isNumber})::float8 as least,
            (max(${number}) ${isNumber})::float8 as most,
            percentile_cont(0.5) within group (order by (case when jsonb_typeof(f.answer) = 'number' then ${number} end)::float8) as median
     ${from}`,
    values,
  );
  const { rows: buckets } = await db.query(
    `select to_char(n.day, 'YYYY-MM-DD') as at, n.answers from (
       select date_trunc('day', f.responded_at at time zone $${values.length + 1}) as day, count(*)::int as answers ${from} group by 1
     ) n order by n.day`,
    [...values, zone],
  );
  const { rows: accounts } = await db.query(
    `select n.account_id as id, a.external_id as "externalId", a.name, n.answers, n.last from (
       select f.account_id, count(*)::int as answers, (array_agg(${answerText} order by f.responded_at desc))[1] as last ${from}
       group by 1 order by 2 desc, 1 limit ${mostRows}
     ) n left join accounts a on a.workspace_id = $1 and a.account_id = n.account_id order by n.answers desc, a.external_id`,
    values,
  );
  const { key: _, ...described } = rows[0];
  const { lastAt, different, ...counted } = totals[0]!;
  const isFree = /free/i.test(described.pollType ?? "");
  const texts = isFree || (different > mostChoices && different > counted.answers / 2);
  return {
    id,
    ...described,
    ...counted,
    lastAt: lastAt ?? described.lastAt,
    choices: texts ? [] : choices,
    texts,
    buckets,
    accounts,
  };
}
