// Numbers are those of the lists with the same filters; on a simulated world, counted anew here.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import type { CreatedConnection } from "../../settings/connections.ts";

const now = new Date("2026-05-20T12:00:00Z");
let plumbline: TestApp;
let connection: CreatedConnection;

const seconds = (at: string) => Math.floor(Date.parse(at) / 1000);
async function send(
  kind: string,
  properties: object,
  { at, visitorId, accountId }: { at: string; visitorId: string; accountId: string },
) {
  await plumbline.send(
    connection,
    createBody(kind, properties as never, { visitorId, accountId, timestamp: seconds(at) } as never),
  );
}
const get = async (path: string) => {
  const { status, json } = await plumbline.call("GET", path);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  return json;
};

const scores = [10, 9, 9, 8, 7, 6, 0, 3, 10, 8, 5, 9];
const days = ["2026-05-19", "2026-05-18", "2026-05-12", "2026-05-01", "2026-04-20", "2026-04-02"];

beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
  connection = await plumbline.connect();
  for (const [place, score] of scores.entries()) {
    const who = {
      at: `${days[place % days.length]}T2${place % 4}:30:00Z`,
      visitorId: `v-${place}`,
      accountId: `a-${place % 3}`,
    };
    await send(
      "npsSubmitted",
      {
        guideId: `g-${place % 2}`,
        guideProperties: { name: `Guide ${place % 2}` },
        nps: { rating: score, reason: `Guide ${place % 2} is ${score}` },
      },
      who,
    );
    await send("trackEventReceived", { name: "Opened" }, who);
    await send(
      "pollSubmitted",
      {
        guideId: "g-p",
        guideProperties: { name: "Polls" },
        poll: {
          id: "p-1",
          question: "Which?",
          response: `c-${place % 3}`,
          choices: [{ id: `c-${place % 3}`, label: `Choice ${place % 3}` }],
        },
      },
      who,
    );
  }
  await send(
    "npsSubmitted",
    { guideId: "g-0", nps: { rating: 2 } },
    { at: "2026-05-10T10:00:00Z", visitorId: "", accountId: "a-1" },
  );
  // Active until a month ago, and much more active now.
  for (let count = 0; count < 5; count += 1) {
    await send(
      "trackEventReceived",
      { name: "Was here" },
      { at: "2026-04-27T10:00:00Z", visitorId: "s", accountId: "silent" },
    );
    await send(
      "trackEventReceived",
      { name: "Is here" },
      { at: "2026-05-19T10:00:00Z", visitorId: "l", accountId: "loud" },
    );
  }
  await plumbline.settle();
}, 120_000);
afterAll(() => plumbline.stop());

function count(responses: any[]) {
  const given = responses.map(({ score }) => score).filter((score) => score !== null);
  const of = (from: number, to: number) => given.filter((score) => score >= from && score <= to).length;
  const [promoters, passives, detractors] = [of(9, 10), of(7, 8), of(0, 6)];
  const answers = given.length;
  return {
    answers,
    promoters,
    passives,
    detractors,
    score: answers === 0 ? null : Math.round((100 * (promoters - detractors)) / answers),
  };
}

test.each([
  "",
  "since=2026-05-10T00:00:00Z",
  "since=2026-04-10T00:00:00Z&until=2026-05-12T22:00:00Z",
  "guide=g-1",
  "account=a-1",
  "user=v-3",
  "band=detractor",
  "band=promoter&guide=g-0",
  "score=9",
  "matched=no",
  "matched=yes&account=a-1",
  "account=nobody",
  "q=GUIDE 1 is",
  "q=%",
  "app=-323232&band=detractor",
  "app=other",
])("NPS of ?%s is that of its list", async (filter) => {
  const { items } = await get(`/nps-responses?limit=500&${filter}`);
  const summary = await get(`/nps-summary?${filter}`);
  expect(summary).toMatchObject(count(items));
  expect(
    summary.scores.map(
      (many: number, score: number) => many === items.filter((one: any) => one.score === score).length,
    ),
  ).toEqual(Array(11).fill(true));
  const total = (parts: any[]) => parts.reduce((sum, { answers }) => sum + answers, 0);
  expect([total(summary.buckets), total(summary.guides)]).toEqual([summary.answers, summary.answers]);
  for (const guide of summary.guides)
    expect(guide).toMatchObject(count(items.filter((one: any) => one.guide?.id === guide.id)));
});

test("the time before is as long, and days are those of the zone", async () => {
  const { before } = await get("/nps-summary?since=2026-05-10T12:00:00Z");
  const earlier = (await get("/nps-responses?limit=500&since=2026-04-30T12:00:00Z&until=2026-05-10T12:00:00Z")).items;
  expect(before).toEqual(count(earlier));
  expect((await get("/nps-summary")).before).toBeNull();
  const utc = await get("/nps-summary?since=2026-05-18T00:00:00Z");
  const tokyo = await get("/nps-summary?since=2026-05-18T00:00:00Z&zone=Asia/Tokyo");
  expect(utc.buckets.map(({ at }: any) => at)).toEqual(["2026-05-18", "2026-05-19"]);
  expect(tokyo.buckets.map(({ at }: any) => at)).toEqual(["2026-05-19", "2026-05-20"]);
  expect((await plumbline.call("GET", "/nps-summary?zone=Mars/Base")).status).toBe(400);
});

test.each([
  "since=0001-01-01T00:00:00Z",
  "since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z",
  "since=9999-12-31T23:59:59Z",
  "since=9999-12-31T23:59:59Z&until=0001-01-01T00:00:00Z",
])("before ?%s there is nothing", async (range) => {
  expect((await get(`/nps-summary?${range}`)).before).toEqual(count([]));
});

test("polls: their choices by label, who answered, and a range", async () => {
  const { items } = await get("/polls");
  expect(items).toMatchObject([{ question: "Which?", answers: scores.length, guide: { id: "g-p", name: "Polls" } }]);
  const poll = await get(`/polls/${items[0].id}`);
  expect(poll).toMatchObject({ texts: false, answers: 12, average: null });
  expect(poll.choices).toEqual([0, 1, 2].map((choice) => ({ label: `Choice ${choice}`, answers: 4 })));
  expect(poll.accounts.map(({ externalId, answers }: any) => [externalId, answers])).toEqual([
    ["a-0", 4],
    ["a-1", 4],
    ["a-2", 4],
  ]);
  expect(poll.buckets.reduce((sum: number, { answers }: any) => sum + answers, 0)).toBe(12);
  const some = await get(`/polls/${items[0].id}?since=2026-05-18T00:00:00Z`);
  expect(some.answers).toBe((await get("/poll-responses?limit=500&since=2026-05-18T00:00:00Z")).items.length);
  for (const id of [
    "nothing",
    Buffer.from('["a","b",null]').toString("base64url"),
    Buffer.from("[1]").toString("base64url"),
  ])
    expect([id, (await plumbline.call("GET", `/polls/${id}`)).status]).toEqual([id, 404]);
});

test("activity of an account adds up to its events; who is silent, and who moves", async () => {
  const { items } = await get("/events?account=a-0&limit=500");
  const activity = await get("/activity?account=a-0&days=90");
  const total = (parts: any[]) => parts.reduce((sum, { events }) => sum + events, 0);
  expect([total(activity.days), total(activity.kinds)]).toEqual([items.length, items.length]);
  const { silent, movers } = await get("/movers");
  expect(silent.map(({ account, events }: any) => [account.externalId, events])).toEqual([["silent", 5]]);
  expect(movers[0]).toMatchObject({ account: { externalId: "loud" }, thisWeek: 5, weekBefore: 0 });
});

test("lists say when a record was last heard of, and its score", async () => {
  const accounts = (await get("/accounts?limit=500")).items;
  for (const { externalId, lastSeenAt, nps } of accounts) {
    const { items } = await get(`/events?account=${externalId}&limit=1`);
    expect([externalId, lastSeenAt]).toEqual([externalId, items[0]?.occurredAt ?? null]);
    const answers = (await get(`/nps-responses?account=${externalId}&matched=yes&limit=500`)).items;
    const { score, answers: many } = count(answers);
    expect([externalId, nps]).toEqual([externalId, { score, answers: many }]);
  }
  expect((await get("/users/v-0")).lastScore).toBe(10);
});
