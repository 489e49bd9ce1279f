// Chapter 4: it becomes a record.
//
// Each kind of Pendo event has one file in src/pendo/kinds that reads it. What it says is recorded (src/pipeline/record)
// as an event, an NPS response, or poll responses – each exactly once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
const now = new Date("2026-03-10T12:00:00.000Z");
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
});
afterAll(() => plumbline.stop());

let connection: Awaited<ReturnType<TestApp["connect"]>> | undefined;

async function send(event: string, properties: object, given: Record<string, unknown> = {}): Promise<any> {
  connection ??= await plumbline.connect();
  const answer = await plumbline.send(connection, createBody(event, properties, given));
  await plumbline.settle();
  return (await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).json;
}

async function sendEvent(event: string, properties: object, given: Record<string, unknown> = {}): Promise<any> {
  const delivery = await send(event, properties, given);
  expect(delivery.state).toBe("recorded");
  return (await plumbline.get(`/events/${delivery.made[0].id}`)).json;
}

const guide = {
  guideId: "g-1",
  guideProperties: {
    id: "g-1",
    name: "Welcome tour",
    createdByUser: { username: "admin@example.com" },
    steps: [{ id: "s-1" }, { id: "s-2" }],
  },
  guideStepId: "s-2",
  language: "en-US",
};

test("a track event has its own name and properties, nested ones included", async () => {
  const event = await sendEvent("trackEventReceived", {
    name: "Account Upgraded",
    eventProperties: { toTier: "pro", seats: 0, tags: ["a", null], deep: { er: true } },
    source: "web",
  });
  expect(event).toMatchObject({
    kind: "trackEventReceived",
    name: "Account Upgraded",
    properties: { toTier: "pro", seats: 0, tags: ["a", null], deep: { er: true } },
    source: "pendo-webhook",
  });
});

test("digits that JavaScript would round are kept as text; what no database stores is replaced, the raw body keeps it", async () => {
  connection ??= await plumbline.connect();
  const body = JSON.stringify(createBody("trackEventReceived", { name: "x", eventProperties: "PLACE" })).replace(
    '"PLACE"',
    String.raw`{"big":9007199254740993,"huge":1e400,"nul":"a\u0000b","__proto__":{"x":1}}`,
  );
  const answer = await plumbline.send(connection, body);
  await plumbline.settle();
  const delivery = (await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).json;
  const text = JSON.stringify((await plumbline.get(`/events/${delivery.made[0].id}`)).json.properties);
  expect(JSON.parse(text)).toMatchObject({ big: "9007199254740993", huge: "1e400", nul: "a\uFFFDb" });
  expect(text).toContain('"__proto__":{"x":1}');
  expect(delivery.body).toBe(body);
});

test("guides, polls and surveys that were displayed are events with guide and step, without the names of staff", async () => {
  for (const kind of ["guideDisplayed", "pollDisplayed", "npsDisplayed"]) {
    const event = await sendEvent(kind, guide);
    expect(event).toMatchObject({
      kind,
      guideId: "g-1",
      properties: { guideName: "Welcome tour", guideStepId: "s-2", step: 2, steps: 2, language: "en-US" },
    });
    expect(JSON.stringify(event)).not.toContain("admin@example.com");
  }
});

test("a poll's answer is an event with readable answers, and a poll response for each answer", async () => {
  const event = await sendEvent("pollSubmitted", {
    ...guide,
    pollResponses: [
      { pollId: "p-1", question: "How easy was it?", response: 0 },
      {
        pollId: "p-2",
        question: "How often?",
        type: "PickList",
        response: "001qkov3r8hsxj",
        choices: [{ id: "001qkov3r8hsxj", label: "Every week" }],
      },
      { pollId: "p-3", type: "YesNo", response: 1 },
    ],
  });
  expect(event.properties.answers).toMatchObject([
    { answerLabel: "0" },
    { answerLabel: "Every week" },
    { answerLabel: "Yes" },
  ]);
  const { json } = await plumbline.get("/poll-responses?user=user-1");
  expect(
    json.items
      .map(({ question, answer, answerLabel, guide: of }: any) => [question, answer, answerLabel, of.name])
      .sort(),
  ).toEqual([
    [null, 1, "Yes", "Welcome tour"],
    ["How easy was it?", 0, "0", "Welcome tour"],
    ["How often?", "001qkov3r8hsxj", "Every week", "Welcome tour"],
  ]);
});

test("a poll of a shape that nobody foresaw loses nothing", async () => {
  const event = await sendEvent("pollSubmitted", { ...guide, surprise: { mood: ["good", { why: "sun" }] } });
  expect(event.properties.surprise).toEqual({ mood: ["good", { why: "sun" }] });
  const { json } = await plumbline.get(`/poll-responses?guide=g-1&limit=500`);
  expect(json.items.find((one: any) => one.eventId === event.id)).toMatchObject({
    answer: { mood: ["good", { why: "sun" }] },
    answerLabel: "surprise: mood: good, why: sun",
  });
});

test("an NPS answer is a response and no event; a score of 0 is a score", async () => {
  const nobody = async (rating: unknown, reason?: unknown) =>
    send(
      "npsSubmitted",
      { ...guide, nps: { rating, ...(reason !== undefined && { reason }), source: "web" } },
      { visitorId: `nps-${String(rating)}` },
    );
  for (const rating of [0, 10, "7"]) {
    const delivery = await nobody(rating, null);
    expect(delivery.made).toHaveLength(1);
    expect((await plumbline.get(`/nps-responses/${delivery.made[0].id}`)).json).toMatchObject({
      score: Number(rating),
      feedback: null,
      user: { externalId: `nps-${rating}` },
      guide: { name: "Welcome tour" },
    });
  }
  for (const rating of [11, -1, 9.5, "ten", true])
    expect(await nobody(rating)).toMatchObject({ state: "failed", reason: "score-unreadable" });
  expect(await nobody(null, "")).toMatchObject({ state: "failed", reason: "nothing-answered" });
  expect((await plumbline.get("/events?kind=npsSubmitted")).json.items).toEqual([]);
});

test("a reason that comes later completes the response, in whatever order the two arrive", async () => {
  const about = (visitorId: string, timestamp: number) => ({ visitorId, timestamp });
  const surveys: [string, object[]][] = [
    ["score-first", [{ rating: 9 }, { rating: 9, reason: "Great" }]],
    ["reason-alone", [{ rating: 9 }, { reason: "Great" }]],
  ];
  for (const [visitor, parts] of surveys) {
    for (const order of ["forward", "backward"]) {
      const visitorId = `${visitor}-${order}`;
      const sent = parts.map((nps, index) => ({ nps, timestamp: 1_700_000_000 + index * 60 }));
      for (const { nps, timestamp } of order === "forward" ? sent : sent.reverse())
        await send("npsSubmitted", { ...guide, nps }, about(visitorId, timestamp));
      const { json } = await plumbline.get(`/nps-responses?user=${visitorId}`);
      expect(json.items).toMatchObject([
        { score: 9, feedback: "Great", respondedAt: new Date(1_700_000_000_000).toISOString() },
      ]);
    }
  }
  // Another score is another answer, and so is another wave: nothing is overwritten.
  await send(
    "npsSubmitted",
    { ...guide, nps: { rating: 4, reason: "No" } },
    about("score-first-forward", 1_700_000_200),
  );
  await send(
    "npsSubmitted",
    { ...guide, nps: { rating: 9, reason: "Still great" } },
    about("score-first-forward", 1_708_000_000),
  );
  expect(
    (await plumbline.get("/nps-responses?user=score-first-forward")).json.items.map((one: any) => [
      one.score,
      one.feedback,
    ]),
  ).toEqual([
    [9, "Still great"],
    [4, "No"],
    [9, "Great"],
  ]);
});

test("seconds and milliseconds are told apart; odd times are flagged, and the time of arrival is used", async () => {
  const cases: [unknown, string, string | null][] = [
    [1626804431, "2021-07-20T18:07:11.000Z", null],
    [1626804431123, "2021-07-20T18:07:11.123Z", null],
    ["1626804431", "2021-07-20T18:07:11.000Z", null],
    [undefined, now.toISOString(), "missing"],
    ["yesterday", now.toISOString(), "unreadable"],
    [0, now.toISOString(), "too-old"],
    [1626804431123000, now.toISOString(), "in-future"],
    [now.getTime() / 1000 + 3 * 86_400, now.toISOString(), "in-future"],
  ];
  for (const [timestamp, occurredAt, timeFlag] of cases)
    expect(await sendEvent("trackEventReceived", { name: "t" }, { timestamp })).toMatchObject({ occurredAt, timeFlag });
});

test("visitorCreated and accountCreated are events, and the records themselves", async () => {
  await sendEvent("visitorCreated", { browserName: "Chrome" }, { visitorId: "first-seen", accountId: "first-account" });
  await sendEvent("accountCreated", {}, { visitorId: "first-seen", accountId: "first-account" });
  expect((await plumbline.get("/accounts/first-account")).json).toMatchObject({
    externalId: "first-account",
    usersCount: 1,
  });
});

test("a list of objects is one delivery with several records; one bad object does not take the others along", async () => {
  connection ??= await plumbline.connect();
  const list = [
    createBody("trackEventReceived", { name: "one" }),
    createBody("npsSubmitted", { nps: { rating: 99 } }),
    createBody("trackEventReceived", { name: "two" }),
  ];
  const answer = await plumbline.send(connection, list);
  await plumbline.settle();
  const { json } = await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`);
  expect(json).toMatchObject({ state: "failed", reason: "score-unreadable" });
  expect(json.message).toContain("3 objects: 1 failed, 2 recorded.");
  expect(json.made).toHaveLength(2);
});
