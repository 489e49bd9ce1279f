// People and scores of many records at once are those of each record alone, and those that one counts by hand.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type People, readPeople } from "./people-queries.ts";

type Answer = { user: number; account: number | null; organization: number | null; score: number | null; at: number };

const organizations = 6;
const accounts = 14;
const users = 40;
const at = "to_timestamp((r ->> 'at')::int)";

/** Numbers that seem to be thrown, and are the same in each run. */
let thrown = 1;
const below = (limit: number) => {
  thrown = (thrown * 48_271) % 2_147_483_647;
  return thrown % limit;
};

let database: TestDatabase;
let workspaceId: string;
const ids = (count: number) => Array.from({ length: count }, (_, number) => createUuid(number));
const [organizationIds, accountIds, userIds] = [ids(organizations), ids(accounts), ids(users)];
const inAccount = Array.from({ length: 60 }, () => [below(accounts - 1), below(users)] as const);
const inOrganization = Array.from({ length: 12 }, () => [below(organizations - 1), below(users)] as const);
/** Some accounts are of no organization, and some answers name nobody, or were given in the same moment. */
const organizationOf = (account: number) => (account % 5 === 4 ? null : account % (organizations - 1));
const answers: Answer[] = Array.from({ length: 150 }, (_, number) => ({
  user: below(users),
  account: number % 3 === 0 ? below(accounts) : null,
  organization: number % 3 === 1 ? below(organizations) : null,
  score: number % 17 === 0 ? null : below(11),
  at: below(60),
}));
const answerIds = ids(answers.length);

beforeAll(async () => {
  database = await createTestDatabase();
  const place = await createPlace(database.pool);
  workspaceId = place.workspaceId;
  const insert = (sql: string, rows: readonly object[]) =>
    database.pool.query(`${sql} from json_array_elements($2) r`, [workspaceId, JSON.stringify(rows)]);
  const id = (column: string) => `(r ->> '${column}')::uuid`;
  const named = (list: readonly string[]) => list.map((one, n) => ({ id: one, n }));
  await insert(
    `insert into organizations (workspace_id, organization_id, external_id) select $1, ${id("id")}, r ->> 'n'`,
    named(organizationIds),
  );
  await insert(
    `insert into accounts (workspace_id, account_id, external_id, organization_id) select $1, ${id("id")}, r ->> 'n', ${id("of")}`,
    named(accountIds).map((one) => ({ ...one, of: organizationIds[organizationOf(one.n) ?? -1] })),
  );
  await insert(
    `insert into users (workspace_id, user_id, external_id) select $1, ${id("id")}, r ->> 'n'`,
    named(userIds),
  );
  for (const [table, column, of, pairs] of [
    ["account_users", "account_id", accountIds, inAccount],
    ["organization_users", "organization_id", organizationIds, inOrganization],
  ] as const)
    await insert(
      `insert into ${table} (workspace_id, ${column}, user_id) select distinct $1::uuid, ${id("of")}, ${id("user")}`,
      pairs.map(([one, user]) => ({ of: of[one], user: userIds[user] })),
    );
  await insert(
    `insert into nps_responses (workspace_id, nps_response_id, connection_id, delivery_id, source, score, feedback, responded_at, user_id, account_id, organization_id)
     select $1, ${id("id")}, '${place.connectionId}', ${id("id")}, 'pendo', (r ->> 'score')::int, 'Because', ${at}, ${id("user")}, ${id("account")}, ${id("organization")}`,
    answers.map((answer, n) => ({
      id: answerIds[n],
      score: answer.score,
      at: answer.at,
      user: userIds[answer.user],
      account: accountIds[answer.account ?? -1],
      organization: organizationIds[answer.organization ?? -1],
    })),
  );
});
afterAll(() => database.drop());

/** What a person with a pencil counts: of each user the last answer that is about the record, or about nothing. */
function count(members: ReadonlySet<number>, isAbout: (answer: Answer) => boolean): People {
  const last = new Map<number, { rank: string; score: number }>();
  for (const [number, answer] of answers.entries()) {
    const { user, score, account, organization } = answer;
    const namesNobody = account === null && organization === null && members.has(user);
    if (score === null || !(isAbout(answer) || namesNobody)) continue;
    const rank = `${String(answer.at).padStart(2, "0")} ${answerIds[number]}`;
    if (rank > (last.get(user)?.rank ?? "")) last.set(user, { rank, score });
  }
  const scores = [...last.values()].map((one) => one.score);
  const within = (from: number, to: number) => scores.filter((score) => score >= from && score <= to).length;
  const counted = { promoters: within(9, 10), passives: within(7, 8), detractors: within(0, 6) };
  return { usersCount: members.size, scores: counted };
}

test.each(["account", "organization"] as const)("of each %s, alone and all at once", async (kind) => {
  const isOrganization = kind === "organization";
  const all = isOrganization ? organizationIds : accountIds;
  const together = await readPeople(database.pool, workspaceId, kind, all);
  const expected = all.map((_, number) => {
    const own = (isOrganization ? inOrganization : inAccount).filter(([of]) => of === number).map(([, user]) => user);
    const ofAccounts = inAccount.filter(([account]) => isOrganization && organizationOf(account) === number);
    return count(new Set([...own, ...ofAccounts.map(([, user]) => user)]), ({ account, organization }) =>
      account === null
        ? isOrganization && organization === number
        : (isOrganization ? organizationOf(account) : account) === number,
    );
  });
  expect(all.map((id) => together.get(id))).toEqual(expected);
  const alone = await Promise.all(
    all.map(async (id) => (await readPeople(database.pool, workspaceId, kind, [id])).get(id)),
  );
  expect(alone).toEqual(expected);
  // Nobody is in the last one, and some are in others: or this would say nothing.
  expect(expected.at(-1)!.usersCount).toBe(0);
  expect(expected.filter(({ scores }) => scores.promoters > 0 && scores.detractors > 0).length).toBeGreaterThan(2);
});
