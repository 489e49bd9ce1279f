import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../world/types.ts";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, aggregate, allApps, createAsk, lastDays } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
const hour = 3_600_000;
let simulator: PendoSimulator;
let ask: Ask;
const run = (...pipeline: Json[]) => aggregate(ask, pipeline);

beforeAll(async () => {
  simulator = await startPendoSimulator({
    seed: "7",
    now,
    days: 30,
    count: 6000,
    accounts: 60,
    visitors: 600,
    isClockRunning: false,
  });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

describe("events", () => {
  test("only the default app's, unless asked", async () => {
    const timeSeries = { period: "dayRange", first: 'dateAdd(now(), -40, "days")', last: "now()" };
    const appsOf = async (parameters: Json) =>
      (
        await run(
          { source: { pollEvents: parameters, timeSeries } },
          { group: { group: ["appId"] } },
          { sort: ["appId"] },
        )
      ).map(({ appId }) => appId);
    const [first, second, third] = simulator.world.apps.map(({ id }) => id) as [number, number, number];
    expect(await appsOf(null)).toEqual([first]);
    expect(await appsOf({ appId: allApps })).toEqual([first, second, third].toSorted((a, b) => a - b));
    expect(await appsOf({ appId: second })).toEqual([second]);
    expect(await appsOf({ appId: [String(second), third] })).toEqual([second, third].toSorted((a, b) => a - b));
  });

  test("by guide and poll, inside the wanted days", async () => {
    const answer = simulator.readLog().pollAnswers[500]!;
    const day = Math.floor(answer.time / 86_400_000) * 86_400_000;
    const rows = await run({
      source: {
        pollEvents: { appId: allApps, guideId: answer.guide.id, pollId: [answer.poll.id] },
        timeSeries: { period: "dayRange", first: day, count: 1 },
      },
    });
    const expected = simulator
      .readLog()
      .pollAnswers.filter(
        ({ guide, poll, time }) =>
          guide === answer.guide && poll === answer.poll && time >= day && time < day + 86_400_000,
      );
    expect(rows.map(({ browserTime }) => browserTime)).toEqual(expected.map(({ time }) => time));
    expect(rows.length).toBeGreaterThan(0);
  });

  test("rows of polls and guides have the fields that clients read", async () => {
    const [poll] = await run(lastDays("pollEvents", 40), { limit: 1 });
    for (const field of [
      "accountIds",
      "browserTime",
      "eventId",
      "guideStepId",
      "pollResponse",
      "pollType",
      "remoteIp",
      "serverName",
      "url",
    ])
      expect(poll).toHaveProperty(field);
    expect(poll!.type).toMatch(/^ui:(web|ios):pollResponse$/);
    expect(poll!.guideTimestamp).toBe(poll!.browserTime);
    expect(poll!.receivedTime).toBeGreaterThan(poll!.browserTime as number);
    const types = await run(lastDays("guideEvents", 40), {
      group: { group: ["type"], fields: { n: { count: null } } },
    });
    expect(new Set(types.map(({ type }) => type))).toEqual(new Set(["guideSeen", "guideAdvanced", "guideDismissed"]));
  });

  test("track events are counted by the hour, and add up to the webhooks", async () => {
    const source = (period: string): Json => ({
      source: {
        trackEvents: { appId: allApps },
        timeSeries: { period, first: 'dateAdd(now(), -40, "days")', last: "now()" },
      },
    });
    const sent = simulator.deliveries.moments.filter(({ kind }) => kind === "trackEventReceived").length;
    for (const [period, field] of [
      ["hourRange", "hour"],
      ["dayRange", "day"],
    ] as const) {
      const rows = await run(source(period));
      const key = ({ visitorId, accountId, trackTypeId, appId, [field]: when }: JsonObject) =>
        JSON.stringify([visitorId, accountId, trackTypeId, appId, when]);
      expect(new Set(rows.map(key)).size).toBe(rows.length);
      expect(rows.reduce((sum, { numEvents }) => sum + Number(numEvents), 0)).toBe(sent);
      for (const row of rows) {
        expect(Number(row[field])).toBeLessThanOrEqual(Number(row.firstTime));
        expect(Number(row.firstTime)).toBeLessThanOrEqual(Number(row.lastTime));
        expect(row.numMinutes).toBeLessThanOrEqual(row.numEvents as number);
      }
    }
  });

  test("paging inside one timestamp by id, as careful clients do", async () => {
    const source: Json = lastDays("pollEvents", 40);
    const all = await run(source, { sort: ["guideTimestamp", "pollId"] });
    const found = new Set<string>();
    const name = (row: JsonObject) => JSON.stringify([row.guideTimestamp, row.pollId, row.visitorId]);
    for (let from = 0; ; ) {
      const page = await run(
        source,
        { filter: `guideTimestamp >= ${from}` },
        { sort: ["guideTimestamp", "pollId"] },
        { limit: 500 },
      );
      for (const row of page) found.add(name(row));
      if (page.length < 500) break;
      from = Number(page.at(-1)!.guideTimestamp);
    }
    expect(found).toEqual(new Set(all.map(name)));
  });

  test("excluded visitors are left out, included or alone", async () => {
    const { visitorId } = simulator.readLog().pollAnswers[0]!;
    await ask("/simulator/excluded", { method: "PUT", body: [visitorId] });
    const count = async (blacklist?: string) => {
      const rows = await run(lastDays("pollEvents", 40, blacklist === undefined ? {} : { blacklist }));
      return [rows.length, rows.filter((row) => row.visitorId === visitorId).length];
    };
    const total = simulator.readLog().pollAnswers.length;
    const own = simulator.readLog().pollAnswers.filter((answer) => answer.visitorId === visitorId).length;
    expect(own).toBeGreaterThan(0);
    expect(await count()).toEqual([total - own, 0]);
    expect(await count("apply")).toEqual([total - own, 0]);
    expect(await count("ignore")).toEqual([total, own]);
    expect(await count("only")).toEqual([own, own]);
    await ask("/simulator/excluded", { method: "PUT", body: [] });
  });

  test("events are late by the lag, and time can be moved", async () => {
    const late = await startPendoSimulator({
      seed: "7",
      now,
      days: 2,
      count: 2000,
      lag: 6 * hour,
      isClockRunning: false,
    });
    const askLate = createAsk(late);
    const newest = async () =>
      Number(
        (await aggregate(askLate, [lastDays("pollEvents", 3), { reduce: { newest: { max: "browserTime" } } }]))[0]!
          .newest,
      );
    expect(await newest()).toBeLessThan(now * 1000 - 6 * hour);
    expect(await newest()).toBeGreaterThan(now * 1000 - 12 * hour);
    expect((await askLate("/simulator/clock", { body: { advance: "6h" } })).json).toEqual({
      now: now * 1000 + 6 * hour,
    });
    expect(await newest()).toBe(late.readLog().pollAnswers.at(-1)!.time);
    await late.stop();
  });
});

describe("NPS", () => {
  test("two polls are found, their last answers joined by visitor", async () => {
    const [guide] = await run(
      { source: { guides: null } },
      { filter: 'name == "Quarterly NPS"' },
      { select: { guideId: "id", pollId1: "polls[0].id", pollId2: "polls[1].id" } },
    );
    const { guideId, pollId1, pollId2 } = guide as { guideId: string; pollId1: string; pollId2: string };
    const branch = (pollId: string, name: string) => [
      { source: { pollsSeenEver: { guideId, pollId } } },
      { identified: "visitorId" },
      { cat: null },
      {
        select: {
          visitorId: "visitorId",
          accountId: "accountId",
          [`${name}Time`]: "time",
          [`${name}Response`]: "response",
        },
      },
    ];
    const rows = await run(
      { spawn: [branch(pollId1, "quantitative"), branch(pollId2, "qualitative")] },
      { join: { fields: ["visitorId"], width: 2 } },
      { sort: ["accountId", "-quantitativeResponse", "visitorId"] },
    );
    const last = new Map<string, JsonObject>();
    for (const { visitorId, poll, value } of simulator.readLog().pollAnswers) {
      if (visitorId.startsWith("_PENDO_T_") || (poll.id !== pollId1 && poll.id !== pollId2)) continue;
      const name = poll.id === pollId1 ? "quantitativeResponse" : "qualitativeResponse";
      last.set(visitorId, { ...last.get(visitorId), [name]: value });
    }
    expect(rows.length).toBe(last.size);
    for (const { visitorId, quantitativeResponse, qualitativeResponse } of rows) {
      const known = last.get(String(visitorId))!;
      expect(quantitativeResponse).toBe(known.quantitativeResponse);
      expect(qualitativeResponse ?? null).toBe(known.qualitativeResponse ?? null);
    }
    expect(rows.some((row) => row.quantitativeResponse === 0)).toBe(true);
  });

  test("every wave, paired by visitor within 100 ms in one pipeline", async () => {
    const { id: guideId, polls } = simulator.world.guides.find(({ name }) => name === "Quarterly NPS")!;
    const poll = (place: number) => lastDays("pollEvents", 40, { guideId, pollId: polls[place]!.id });
    const reasons = [
      poll(1),
      { identified: "visitorId" },
      { sort: ["browserTime"] },
      { eval: { "responseObj.pollResponse": "pollResponse", "responseObj.browserTime": "browserTime" } },
      { group: { group: ["visitorId", "accountId"], fields: [{ responses: { list: "responseObj" } }] } },
    ];
    const paired = await run(
      poll(0),
      { identified: "visitorId" },
      { merge: { fields: ["visitorId"], mappings: { followUps: "responses" }, pipeline: reasons } },
      { unwind: { field: "followUps" } },
      { filter: "followUps.browserTime >= (browserTime - 100) && followUps.browserTime < (browserTime + 100)" },
      { bulkExpand: { account: { account: "accountId" } } },
      {
        select: {
          visitorId: "visitorId",
          at: "browserTime",
          score: "pollResponse",
          reason: "followUps.pollResponse",
          account: "account.auto.id",
        },
      },
    );
    const together = simulator.deliveries.moments.filter(
      ({ guide, nps, visitor }) =>
        guide?.id === guideId && nps && !nps.completes && nps.reason && !visitor!.isAnonymous,
    );
    expect(paired.length).toBe(together.length);
    expect(paired.length).toBeGreaterThan(20);
    for (const { visitorId, at, score, reason } of paired) {
      const moment = together.find((one) => one.visitorId === visitorId && one.at === Math.floor(Number(at) / 1000))!;
      expect({ score, reason }).toEqual({ score: moment.nps!.score, reason: moment.nps!.reason });
    }
  });
});
