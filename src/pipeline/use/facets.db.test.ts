// Filters of facts, what there is to filter by, and activity: each beside what the whole lists say.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";

const now = new Date("2026-05-20T12:00:00Z");
const names = ["Opened", "Exported a report", "Report opened", "Œuvre"];
const typed = ["Too slow", "Great REPORTS", "100 % fine", "a_b"];
let plumbline: TestApp;

beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
  const connection = await plumbline.connect();
  const send = (kind: string, properties: object, place: number) =>
    plumbline.send(
      connection,
      createBody(kind, properties, {
        visitorId: `v-${place % 5}`,
        accountId: place % 7 === 0 ? "" : `a-${place % 3}`,
        app: { id: place % 4 === 0 ? 2 : 1 },
        // Seven hours apart: days of one zone are not those of another.
        timestamp: Math.floor(now.getTime() / 1000) - place * 7 * 3_600,
      }),
    );
  for (let place = 0; place < 60; place += 1) {
    const guide = { guideId: `g-${place % 4}`, guideProperties: { name: `Guide ${place % 4}, version ${60 - place}` } };
    await send("trackEventReceived", { name: names[place % 4] }, place);
    if (place % 2 === 0) await send("guideDisplayed", guide, place);
    if (place % 5 === 0) await send("npsSubmitted", { guideId: "g-nps", nps: { rating: place % 11 } }, place);
    const words = { id: "p-words", question: "Why?", response: typed[place % 4], type: "FreeForm" };
    const number = { id: "p-number", question: "How much?", response: place % 5, type: "NumberScale" };
    if (place % 3 === 0)
      await send("pollSubmitted", { ...guide, guideId: "g-p", poll: place % 2 ? words : number }, place);
  }
  await plumbline.settle();
}, 120_000);
afterAll(() => plumbline.stop());

const list = async (path: string): Promise<any[]> => {
  const { status, json } = await plumbline.get(`${path}${path.includes("?") ? "&" : "?"}limit=500`);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  return json.items;
};
const facet = async (path: string): Promise<any[]> => (await plumbline.get(path)).json.items;
const ids = (items: any[]) => items.map(({ id }) => id);

test.each<[string, string, (event: any) => boolean]>([
  ["events", "name=Opened", ({ name }) => name === "Opened"],
  ["events", "name=opened", () => false],
  ["events", "q=REPORT", ({ name }) => /report/i.test(name)],
  ["events", "q=œuv", ({ name }) => name === "Œuvre"],
  ["events", "q=_", () => false],
  ["events", "app=2&kind=guideDisplayed", ({ appId, kind }) => appId === "2" && kind === "guideDisplayed"],
  ["events", "app=2&account=a-1", ({ appId, account }) => appId === "2" && account?.externalId === "a-1"],
  ["events", "score=0", () => false],
  ["nps-responses", "app=2", ({ appId }) => appId === "2"],
  ["nps-responses", "name=Opened", () => false],
  ["nps-responses", "q=x", () => false],
  ["poll-responses", "q=reports", ({ answer }) => answer === "Great REPORTS"],
  ["poll-responses", "q=%25", ({ answer }) => answer === "100 % fine"],
  ["poll-responses", "kind=pollSubmitted", () => false],
  ["poll-responses", "poll=nothing", () => false],
])("%s?%s are those that fit", async (of, filter, fits) => {
  const all = await list(`/${of}`);
  const expected = all.filter(fits);
  expect(ids(await list(`/${of}?${filter}`))).toEqual(ids(expected));
  expect(expected.length).toBeLessThan(all.length);
});

test("polls have their responses, page by page, and their numbers", async () => {
  const all = await list("/poll-responses");
  const polls = await facet("/polls");
  expect(polls.map(({ question }) => question).sort()).toEqual(["How much?", "Why?"]);
  for (const { id, question, answers } of polls) {
    const own = all.filter((response) => response.question === question);
    expect(ids(await list(`/poll-responses?poll=${id}`))).toEqual(ids(own));
    expect(answers).toBe(own.length);
    const { json } = await plumbline.get(`/polls/${id}?account=a-0&app=1`);
    const some = own.filter(({ account, appId }) => account?.externalId === "a-0" && appId === "1");
    expect(some.length).toBeGreaterThan(3);
    expect([question, json.answers]).toEqual([question, some.length]);
    const { texts, least, most, median, average } = json;
    const numbers: number[] = some.map(({ answer }) => answer).sort((one, other) => one - other);
    const [low, high] = [Math.ceil(numbers.length / 2) - 1, Math.floor(numbers.length / 2)].map((at) => numbers[at]!);
    const sum = numbers.reduce((total, one) => total + one, 0);
    expect([texts, least, most, median, average]).toEqual(
      question === "Why?"
        ? [true, null, null, null, null]
        : [false, numbers[0], numbers.at(-1), (low! + high!) / 2, expect.closeTo(sum / numbers.length, 9)],
    );
  }
  expect(ids(await facet("/polls?account=a-0&guide=g-p"))).toHaveLength(2);
  expect(await facet("/polls?account=nobody")).toEqual([]);
});

test("kinds, guides and apps are those of the lists", async () => {
  const events = await list("/events");
  const kinds = await facet("/event-kinds");
  expect(kinds.map(({ kind }) => kind).sort()).toEqual([...new Set(events.map(({ kind }) => kind))].sort());
  for (const { kind, lastAt, names: called } of kinds) {
    const own = events.filter((event) => event.kind === kind);
    expect(lastAt).toBe(own[0].occurredAt);
    for (const { name, events: count } of called)
      expect([name, count]).toEqual([name, own.filter((event) => event.name === name).length]);
    expect(called.reduce((sum: number, one: any) => sum + one.events, 0)).toBe(own.length);
  }
  const guides = await facet("/guides");
  const named = guides.map(({ id, name, events: shown, npsResponses, pollResponses }) => [
    id,
    name,
    shown,
    npsResponses,
    pollResponses,
  ]);
  expect(named.sort()).toEqual([
    ["g-0", "Guide 0, version 60", true, false, false],
    ["g-2", "Guide 2, version 58", true, false, false],
    ["g-nps", null, false, true, false],
    ["g-p", "Guide 0, version 60", true, false, true],
  ]);
  expect(await facet("/apps")).toEqual(
    ["1", "2"].map((id) => {
      const own = events.filter(({ appId }) => appId === id);
      return { id, events: own.length, lastAt: own[0].occurredAt };
    }),
  );
  const found = (await plumbline.get("/search?q=VERSION%205")).json.items;
  expect(ids(found)).toEqual(["g-2"]);
  expect(ids((await plumbline.get("/search?q=g-nps")).json.items)).toEqual(["g-nps"]);
});

test.each([
  "",
  "zone=Asia/Kolkata",
  "zone=America/New_York&days=9",
  "kind=guideDisplayed&days=20",
  "kind=nothing",
  "name=Opened&zone=Asia/Tokyo",
  "app=2&kind=trackEventReceived",
  "guide=g-2",
  "account=a-1",
  "user=v-2&zone=Pacific/Auckland",
])("activity of ?%s is that of the list", async (query) => {
  const filters = new URLSearchParams(query);
  const zone = filters.get("zone") ?? "UTC";
  const days = Number(filters.get("days") ?? 90);
  filters.delete("zone");
  filters.delete("days");
  const { json } = await plumbline.get(`/activity?${query}`);
  const dayOf = (at: string) => new Date(at).toLocaleDateString("sv-SE", { timeZone: zone });
  const first = dayOf(new Date(now.getTime() - (days - 1) * 86_400_000).toISOString());
  const events = (await list(`/events?${filters}`)).filter(({ occurredAt }) => dayOf(occurredAt) >= first);
  const count = (keyOf: (event: any) => string) => {
    const counts: Record<string, number> = {};
    for (const event of events) counts[keyOf(event)] = (counts[keyOf(event)] ?? 0) + 1;
    return counts;
  };
  expect(json.from).toBe(first);
  expect(Object.fromEntries(json.days.map((one: any) => [one.at, one.events]))).toEqual(
    count(({ occurredAt }) => dayOf(occurredAt)),
  );
  expect(Object.fromEntries(json.kinds.map((one: any) => [one.kind, one.events]))).toEqual(count(({ kind }) => kind));
});
