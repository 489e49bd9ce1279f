// NPS responses through the compatible API, and the figures that are computed from them.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createVitallyClient, type VitallyClient } from "../../../test/support/vitally-client.ts";

let plumbline: TestApp;
let vitally: VitallyClient;
beforeAll(async () => {
  plumbline = await createTestApp();
  vitally = await createVitallyClient(plumbline);
});
afterAll(() => plumbline.stop());

let count = 0;
function name(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const time = expect.stringMatching(/Z$/);
const respondedAt = "2026-01-15T12:00:00.000Z";

async function createUser(accounts = 1): Promise<any> {
  const accountIds: string[] = [];
  for (let made = 0; made < accounts; made += 1)
    accountIds.push((await vitally.post("/accounts", { externalId: name("a"), name: "Acme" })).id);
  return vitally.post("/users", { externalId: name("u"), accountIds });
}
const ids = (results: any[]) => results.map((one) => one.id);

test("the sample: said once, and said again it is the same response", async () => {
  const user = await createUser();
  const said = { externalId: "pendo:1", userId: user.id, score: 9, feedback: "Great", respondedAt };
  const made = await vitally.post("/npsResponses", said);
  expect(made).toEqual({ ...said, id: uuid, createdAt: time, updatedAt: time });
  expect(await vitally.post("/npsResponses", said)).toEqual(made);
  // What is left out stays; null clears.
  expect(await vitally.post("/npsResponses", { externalId: "pendo:1", userId: user.id, score: 0 })).toMatchObject({
    id: made.id,
    score: 0,
    feedback: "Great",
    respondedAt,
    createdAt: made.createdAt,
  });
  const cleared = await vitally.post("/npsResponses", { ...said, score: 0, feedback: null });
  expect(cleared.feedback).toBeNull();
  expect(cleared.updatedAt > made.updatedAt).toBe(true);
  expect(await vitally.get("/npsResponses/pendo:1")).toEqual(cleared);
  expect(await vitally.get(`/npsResponses/${made.id}`)).toEqual(cleared);
  // A score of 0 is a score.
  expect(await vitally.get(`/users/${user.id}`)).toMatchObject({
    npsLastScore: 0,
    npsLastFeedback: null,
    npsLastRespondedAt: respondedAt,
  });
  expect(await vitally.get(`/accounts/${user.accountIds[0]}`)).toMatchObject({ npsDetractorCount: 1, npsScore: -100 });
});

test("the same response from many at once is one", async () => {
  const user = await createUser();
  const said = { externalId: name("race"), userId: user.id, respondedAt };
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, score) => vitally.post("/npsResponses", { ...said, score })),
  );
  expect(new Set(ids(made)).size).toBe(1);
  expect(await vitally.readAll(`/accounts/${user.accountIds[0]}/npsResponses`)).toHaveLength(1);
});

test.each([
  [{}, "`userId` is required"],
  [{ userId: "u-1", score: 3 }, "not an external ID"],
  [{ userId: "0197c9a2-0000-7000-8000-000000000000", score: 3 }, "No user"],
  ...[null, 11, -1, 9.5, "9", true, [], ""].map((score) => [{ score }, "whole number from 0 to 10"] as const),
  [{ respondedAt: "yesterday", score: 1 }, "`respondedAt`"],
  [{ respondedAt: "2026-02-30T00:00:00Z", score: 1 }, "`respondedAt`"],
  [{ respondedAt: "0000-01-01T00:00:00Z", score: 1 }, "`respondedAt`"],
  [{ feedback: 5, score: 1 }, "`feedback` must be a text"],
  [{ score: undefined }, "`score` is required"],
] as const)("refused: %j", async (given, says) => {
  const user = await createUser();
  const body = Object.keys(given).length === 0 ? {} : { userId: user.id, respondedAt, ...given };
  const answer = await vitally.send("POST", "/npsResponses", body);
  expect(answer).toMatchObject({ status: 400, json: { error: expect.stringContaining(says) } });
  expect(await vitally.readAll(`/accounts/${user.accountIds[0]}/npsResponses`)).toEqual([]);
});

test("without an external ID each is a response of its own; changed and deleted by id", async () => {
  const user = await createUser(2);
  const said = { userId: user.id, score: 7, respondedAt };
  const [one, two] = [await vitally.post("/npsResponses", said), await vitally.post("/npsResponses", said)];
  expect(one.id).not.toBe(two.id);
  expect(one).toMatchObject({ externalId: null, feedback: null });
  for (const accountId of user.accountIds) {
    expect(ids(await vitally.readAll(`/accounts/${accountId}/npsResponses`))).toEqual([two.id, one.id]);
    // Counted once: it is the user's last that counts.
    expect(await vitally.get(`/accounts/${accountId}`)).toMatchObject({ npsPassiveCount: 1, npsScore: 0 });
  }
  const changed = await vitally.put(`/npsResponses/${one.id}`, { score: 10, respondedAt: "2026-01-16T12:00:00+01:00" });
  expect(changed).toMatchObject({ id: one.id, score: 10, userId: user.id, respondedAt: "2026-01-16T11:00:00.000Z" });
  expect((await vitally.send("PUT", `/npsResponses/${one.id}`, { externalId: "late" })).status).toBe(400);
  expect(await vitally.get(`/users/${user.id}`)).toMatchObject({ npsLastScore: 10 });
  await vitally.delete(`/npsResponses/${one.id}`);
  expect((await vitally.send("GET", `/npsResponses/${one.id}`)).status).toBe(404);
  expect((await vitally.send("DELETE", `/npsResponses/${one.id}`)).status).toBe(404);
  expect(await vitally.get(`/users/${user.id}`)).toMatchObject({ npsLastScore: 7 });
});

test("what came from Pendo is listed with its user, stays what was answered, and is deleted with its parts", async () => {
  const connection = await plumbline.connect();
  const given = { visitorId: name("p"), accountId: name("pa"), timestamp: 1_700_000_000 };
  const answer = (nps: object, at: number) =>
    plumbline.send(connection, createBody("npsSubmitted", { guideId: "g", nps }, { ...given, timestamp: at }));
  await answer({ rating: 3 }, 1_700_000_000);
  await answer({ rating: 3, reason: "slow" }, 1_700_000_020);
  await plumbline.settle();
  const [response, ...rest] = await vitally.readAll(`/accounts/${given.accountId}/npsResponses`);
  expect(rest).toEqual([]);
  const user = await vitally.get(`/users/${given.visitorId}`);
  expect(response).toMatchObject({ externalId: null, userId: user.id, score: 3, feedback: "slow" });
  expect(await vitally.send("PUT", `/npsResponses/${response.id}`, { score: 9 })).toMatchObject({
    status: 400,
    json: { error: expect.stringContaining("came from Pendo") },
  });
  await vitally.delete(`/npsResponses/${response.id}`);
  expect(await vitally.readAll(`/accounts/${given.accountId}/npsResponses`)).toEqual([]);
  expect(await vitally.get(`/users/${given.visitorId}`)).toMatchObject({ npsLastScore: null });
});

test("the own API tells that a response was said through the API", async () => {
  const user = await createUser();
  const { id } = await vitally.post("/npsResponses", { userId: user.id, score: 5, respondedAt });
  expect((await plumbline.get(`/nps-responses/${id}`)).json).toMatchObject({
    source: "api",
    connectionId: null,
    deliveryId: null,
    user: { id: user.id },
  });
});

test("the score of accounts and organizations is that of their users' last answers, whoever they name", async () => {
  const workspaceId = await createWorkspace(plumbline.database.pool);
  const own = await createVitallyClient(plumbline, workspaceId);
  const organizationIds = ids(
    await Promise.all(["o0", "o1"].map((externalId) => own.post("/organizations", { externalId, name: externalId }))),
  );
  const accounts = [0, 1, 2];
  const accountIds = ids(
    await Promise.all(
      accounts.map((n) =>
        own.post("/accounts", { externalId: `a${n}`, name: "A", organizationId: organizationIds[n === 2 ? 1 : 0] }),
      ),
    ),
  );
  // User n is in the accounts of its bits, the last one only in an organization itself.
  const places = [[0], [1], [0, 1], [1, 2], [0, 1, 2], []];
  const userIds: string[] = [];
  for (const [n, place] of places.entries()) {
    const given =
      place.length > 0
        ? { accountIds: place.map((one) => accountIds[one]) }
        : { organizationIds: [organizationIds[0]] };
    userIds.push((await own.post("/users", { externalId: `u${n}`, ...given })).id);
  }
  const answers = fc.array(
    fc.record({
      user: fc.nat(5),
      score: fc.option(fc.integer({ min: 0, max: 10 })),
      // What the response names: an account, an organization, or neither.
      names: fc.oneof(fc.constant(null), fc.record({ account: fc.nat(2) }), fc.record({ organization: fc.nat(1) })),
      at: fc.nat(3),
      isPart: fc.boolean(),
    }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      await plumbline.database.pool.query("delete from nps_responses where workspace_id = $1", [workspaceId]);
      const rows = given.map(({ user, score, names, at, isPart }, n) => ({
        id: `0197c9a2-0000-7000-8000-${String(n).padStart(12, "0")}`,
        user: userIds[user],
        score,
        at: new Date(Date.UTC(2026, 0, 1 + at)),
        account: names && "account" in names ? accountIds[names.account] : null,
        organization: names && "organization" in names ? organizationIds[names.organization] : null,
        part: isPart && n > 0 ? "0197c9a2-0000-7000-8000-000000000000" : null,
      }));
      await plumbline.database.pool.query(
        `insert into nps_responses (workspace_id, nps_response_id, source, user_id, account_id, organization_id, score, responded_at, part_of)
         select $1, id, 'test', "user", account, organization, score, at, part
         from json_to_recordset($2) as r(id uuid, "user" uuid, account uuid, organization uuid, score smallint, at timestamptz, part uuid)`,
        [workspaceId, JSON.stringify(rows)],
      );
      const shown = rows.filter((row) => row.score !== null && row.part === null);
      const expected = (belongs: (row: (typeof rows)[number]) => boolean) => {
        const last = new Map<string, (typeof rows)[number]>();
        for (const row of shown.filter(belongs)) {
          const before = last.get(row.user!);
          if (!before || row.at > before.at || (row.at >= before.at && row.id > before.id)) last.set(row.user!, row);
        }
        const scores = [...last.values()].map((row) => row.score!);
        const [promoters, detractors] = [
          scores.filter((one) => one >= 9).length,
          scores.filter((one) => one <= 6).length,
        ];
        return {
          npsPromoterCount: promoters,
          npsDetractorCount: detractors,
          npsPassiveCount: scores.length - promoters - detractors,
          npsScore: scores.length === 0 ? null : (100 * (promoters - detractors)) / scores.length,
        };
      };
      const isIn = (user: string | undefined, account: number) => places[userIds.indexOf(user!)]!.includes(account);
      const namesNothing = (row: (typeof rows)[number]) => row.account === null && row.organization === null;
      for (const n of accounts) {
        const belongs = (row: (typeof rows)[number]) =>
          row.account === accountIds[n] || (namesNothing(row) && isIn(row.user, n));
        expect(await own.get(`/accounts/a${n}`)).toMatchObject(expected(belongs));
        expect(ids(await own.readAll(`/accounts/a${n}/npsResponses`, 3)).sort()).toEqual(
          ids(shown.filter(belongs)).sort(),
        );
      }
      for (const [o, within] of [[0, 1], [2]].entries()) {
        const belongs = (row: (typeof rows)[number]) =>
          row.organization === organizationIds[o] ||
          within.some((n) => row.account === accountIds[n] || (namesNothing(row) && isIn(row.user, n))) ||
          (o === 0 && namesNothing(row) && row.user === userIds[5]);
        expect(await own.get(`/organizations/o${o}`)).toMatchObject(expected(belongs));
        expect(ids(await own.readAll(`/organizations/o${o}/npsResponses`, 3)).sort()).toEqual(
          ids(shown.filter(belongs)).sort(),
        );
      }
      const [all, ofOrganizations] = [
        await own.readAll("/npsResponses", 3),
        await own.readAll("/npsResponses?target=organization", 3),
      ];
      expect([...ids(all), ...ids(ofOrganizations)].sort()).toEqual(ids(shown).sort());
      expect(ids(ofOrganizations).sort()).toEqual(ids(shown.filter((row) => row.organization !== null)).sort());
    }),
    { numRuns: 40 },
  );
});
