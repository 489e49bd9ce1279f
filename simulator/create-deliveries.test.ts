import { expect, test } from "vitest";
import { createDeliveries, type DeliveryOptions } from "./create-deliveries.ts";
import type { Delivery } from "./deliveries/render-delivery.ts";
import { defaultMix } from "./history/kinds.ts";
import { createTally } from "./summary/tally.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
const present: DeliveryOptions = {
  seed: "7",
  count: 6000,
  now,
  days: undefined,
  accounts: 40,
  visitors: 400,
  mix: defaultMix,
};
const history: DeliveryOptions = { ...present, days: 90, count: 20_000 };
const day = 24 * 3600;

type Body = any;

function renderAll(options: DeliveryOptions): Delivery[] {
  const { count, render } = createDeliveries(options);
  return Array.from({ length: count }, (_, index) => render(index));
}

const readBodies = (deliveries: readonly Delivery[]): Body[] => deliveries.map(({ body }) => JSON.parse(body));
const bodiesOf = { present: readBodies(renderAll(present)), history: readBodies(renderAll(history)) };

test("the same seed, options and now give the same bytes, in whatever order they are made", () => {
  const bodies = renderAll(present).map(({ body }) => body);
  const { render } = createDeliveries(present);
  const backwards = bodies.map((_, index) => render(bodies.length - 1 - index).body).reverse();
  expect(backwards).toEqual(bodies);
  expect(renderAll({ ...present, seed: "8" }).map(({ body }) => body)).not.toEqual(bodies);
});

test("another run has no uniqueId in common", () => {
  const ids = (options: DeliveryOptions) => renderAll(options).flatMap(({ uniqueId }) => uniqueId ?? []);
  const first = ids(present);
  expect(new Set(first).size).toBe(first.length);
  for (const id of first) expect(id).toMatch(/^[0-9a-f]{40}$/);
  const others = new Set([
    ...ids({ ...present, seed: "8" }),
    ...ids({ ...present, now: now + 1 }),
    ...ids({ ...present, count: 5000 }),
  ]);
  expect(first.filter((id) => others.has(id))).toEqual([]);
});

test("bodies are compact, with Pendo's keys in Pendo's order", () => {
  const order = [
    "app",
    "accountId",
    "subscription",
    "userAgent",
    "event",
    "properties",
    "timestamp",
    "visitorId",
    "uniqueId",
  ];
  for (const { body, event } of renderAll(present)) {
    const parsed: Body = JSON.parse(body);
    expect(JSON.stringify(parsed)).toBe(body);
    if (event === "ping") {
      expect(body).toBe('{"event":"ping","app":{"name":"webhook-test"}}');
      continue;
    }
    expect(Object.keys(parsed)).toEqual(order.filter((key) => key in parsed));
    for (const key of order) if (key !== "accountId" && key !== "visitorId") expect(parsed).toHaveProperty(key);
  }
});

test("timestamps are epoch seconds inside the period, dates of guides milliseconds before it", () => {
  for (const [days, bodies] of [
    [1 / 96, bodiesOf.present],
    [90, bodiesOf.history],
  ] as const) {
    let last = 0;
    for (const { timestamp, properties } of bodies.filter(({ event }) => event !== "ping")) {
      expect(timestamp).toBeGreaterThanOrEqual(Math.max(last, now - days * day));
      expect(timestamp).toBeLessThanOrEqual(now);
      last = timestamp;
      if (properties.guideProperties)
        expect(properties.guideProperties.createdAt).toBeLessThan((now - days * day) * 1000);
      if (properties.guideProperties) expect(properties.guideProperties.createdAt).toBeGreaterThan(1e12);
    }
  }
});

test("bodies have Pendo's size", () => {
  const sizes = renderAll(present)
    .filter(({ event }) => event !== "ping")
    .map(({ body }) => Buffer.byteLength(body))
    .sort((a, b) => a - b);
  expect(sizes[Math.floor(sizes.length * 0.05)]).toBeGreaterThan(450);
  expect(sizes[Math.floor(sizes.length / 2)]).toBeGreaterThan(600);
  expect(sizes[Math.floor(sizes.length * 0.95)]).toBeLessThan(1600);
});

test("NPS comes with and without reason, and 0 is a score like others", () => {
  const answers = bodiesOf.present
    .filter(({ event }) => event === "npsSubmitted")
    .map(({ properties }) => properties.nps);
  expect(new Set(answers.map(({ rating }) => rating))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  expect(answers.filter(({ rating }) => rating === 0).length / answers.length).toBeGreaterThan(0.04);
  expect(answers.some((nps) => !("reason" in nps))).toBe(true);
  expect(answers.some(({ reason }) => reason === null)).toBe(true);
  expect(answers.some(({ reason }) => reason === "")).toBe(true);
  expect(answers.filter(({ reason }) => reason).length).toBeGreaterThan(answers.length / 4);
  const few = readBodies(renderAll({ ...present, count: 20 })).filter(({ event }) => event === "npsSubmitted");
  expect(few.map(({ properties }) => properties.nps.rating)).toContain(0);
});

test("answers of a visitor to a guide are five weeks apart, or a reason that follows its score within minutes", () => {
  const last = new Map<string, Body>();
  let [late, again] = [0, 0];
  for (const body of bodiesOf.history.filter(({ event }) => event === "npsSubmitted")) {
    const key = JSON.stringify([body.visitorId, body.properties.guideId]);
    const before = last.get(key);
    last.set(key, body);
    if (!before) continue;
    const gap = body.timestamp - before.timestamp;
    if (gap > 5 * 60) {
      expect(gap).toBeGreaterThanOrEqual(30 * day);
      again += 1;
      continue;
    }
    late += 1;
    expect(gap).toBeGreaterThan(0);
    expect(body.properties.nps.rating).toBe(before.properties.nps.rating);
    expect(body.accountId).toBe(before.accountId);
    expect(before.properties.nps.reason ?? "").toBe("");
    expect(body.properties.nps.reason).not.toBe("");
  }
  expect(late).toBeGreaterThan(10);
  expect(again).toBeGreaterThan(100);
});

test("nobody is asked twice in a wave", () => {
  const last = new Map<string, number>();
  for (const { event, visitorId, properties, timestamp } of bodiesOf.history) {
    if (event !== "npsDisplayed") continue;
    const key = JSON.stringify([visitorId, properties.guideId]);
    expect(timestamp - (last.get(key) ?? 0)).toBeGreaterThanOrEqual(30 * day);
    last.set(key, timestamp);
  }
});

/** Counts again from the bodies alone, by the rules for a receiver. */
function recount(bodies: readonly Body[]) {
  const nobody = new Set(["", "undefined", "null", "anonymous"]);
  const identify = (id: string | undefined) =>
    id === undefined || nobody.has(id) || id.startsWith("_PENDO_T_") ? [] : [id];
  const countAnswers = ({ poll, pollResponse, pollResponses, polls, responses, response }: Body) =>
    pollResponses?.length ??
    responses?.length ??
    (polls ? Object.keys(polls).length : [poll, pollResponse, response].filter((one) => one !== undefined).length);
  const recorded = bodies.filter(({ event }) => !["ping", "pageLoaded", "featureClicked"].includes(event));
  const responses = new Map<string, { at: number; score: number; hasFeedback: boolean }[]>();
  for (const { visitorId, properties, timestamp } of recorded.filter(({ event }) => event === "npsSubmitted")) {
    const key = JSON.stringify([visitorId, properties.guideId]);
    const known = responses.get(key) ?? [];
    responses.set(key, known);
    const same = known.find(({ at }) => Math.abs(timestamp - at) < 7 * day);
    const hasFeedback = Boolean(properties.nps.reason);
    if (same) same.hasFeedback ||= hasFeedback;
    else known.push({ at: timestamp, score: properties.nps.rating, hasFeedback });
  }
  const all = [...responses.values()].flat();
  const polls = recorded
    .filter(({ event }) => event === "pollSubmitted")
    .map(({ properties }) => countAnswers(properties));
  expect(Math.min(...polls)).toBeGreaterThan(0);
  return {
    events: recorded.filter(({ event }) => event !== "npsSubmitted").length,
    npsResponses: all.length,
    npsScoreCounts: Object.fromEntries(
      Array.from({ length: 11 }, (_, score) => [score, all.filter((one) => one.score === score).length]),
    ),
    npsWithFeedback: all.filter(({ hasFeedback }) => hasFeedback).length,
    pollAnswers: polls.reduce((sum, count) => sum + count, 0),
    users: new Set(recorded.flatMap(({ visitorId }) => identify(visitorId))).size,
    accounts: new Set(recorded.flatMap(({ accountId }) => identify(accountId))).size,
    unknownKinds: bodies.filter(({ event }) => event === "pageLoaded" || event === "featureClicked").length,
    pings: bodies.filter(({ event }) => event === "ping").length,
  };
}

test.each([
  ["present", present],
  ["history", history],
  ["small world", { ...present, count: 300, accounts: 1, visitors: 1 }],
  ["hardly any", { ...present, count: 3 }],
] as const)("what is expected agrees with a recount of the bodies: %s", (_name, options) => {
  const deliveries = renderAll(options);
  const tally = createTally();
  for (const delivery of deliveries) tally.add(delivery);
  expect(tally.expect()).toMatchObject(recount(readBodies(deliveries)));
  expect(Object.values(tally.countKinds()).reduce((sum, count) => sum + count, 0)).toBe(options.count);
});

test("a first visit is the first thing heard of a visitor and of an account", () => {
  const seen = new Set<string>();
  for (const body of bodiesOf.history) {
    if (body.event === "visitorCreated") expect(seen).not.toContain(`visitor ${body.visitorId}`);
    if (body.event === "accountCreated") expect(seen).not.toContain(`account ${body.accountId}`);
    // Both are reported in the same second, by the same visitor.
    if (body.event === "accountCreated") {
      const visit = bodiesOf.history.find(
        (other) => other.event === "visitorCreated" && other.visitorId === body.visitorId,
      );
      expect(visit).toMatchObject({ timestamp: body.timestamp, accountId: body.accountId });
      continue;
    }
    seen.add(`visitor ${body.visitorId}`);
    seen.add(`account ${body.accountId}`);
  }
});

test("polls are answered in every shape, and events come with every kind of absence", () => {
  const polls = bodiesOf.present.filter(({ event }) => event === "pollSubmitted").map(({ properties }) => properties);
  for (const key of ["poll", "pollResponse", "pollResponses", "polls", "responses", "response"]) {
    expect(polls.filter((properties) => key in properties).length).toBeGreaterThan(20);
  }
  const others = bodiesOf.present.filter(({ event }) => event !== "ping");
  for (const key of ["visitorId", "accountId"]) {
    expect(others.some((body) => !(key in body))).toBe(true);
    expect(others.some((body) => body[key] === "")).toBe(true);
  }
  expect(others.some(({ visitorId }) => visitorId?.startsWith("_PENDO_T_"))).toBe(true);
  expect(new Set(others.map(({ app }) => app.id)).size).toBe(3);
});

test("the history has a story: one account turns bad, one falls silent, all grows on working days", () => {
  const { world } = createDeliveries(history);
  const find = (story: string) => world.accounts.find((account) => account.story === story)!;
  const half = now - 45 * day;
  const scores = (isLate: boolean) =>
    bodiesOf.history
      .filter(
        ({ event, accountId, timestamp }) =>
          event === "npsSubmitted" && accountId === find("souring").id && timestamp > half === isLate,
      )
      .map(({ properties }) => properties.nps.rating);
  const average = (list: readonly number[]) => list.reduce((sum, score) => sum + score, 0) / list.length;
  expect(average(scores(false))).toBeGreaterThan(average(scores(true)) + 2);

  const silent = bodiesOf.history
    .filter(({ accountId }) => accountId === find("silent").id)
    .map(({ timestamp }) => timestamp);
  expect(silent.length).toBeGreaterThan(100);
  expect(Math.max(...silent)).toBeLessThan(now - 17 * day);

  const times = bodiesOf.history
    .filter(({ event }) => event === "trackEventReceived")
    .map(({ timestamp }) => timestamp);
  expect(times.filter((time) => time > half).length).toBeGreaterThan(times.length * 0.55);
  expect(times.filter((time) => [0, 6].includes(new Date(time * 1000).getUTCDay())).length).toBeLessThan(
    times.length * 0.1,
  );
});

test("a mix of the user's is kept to", () => {
  const kinds = renderAll({ ...present, count: 40, mix: { npsSubmitted: 1, ping: 3 } }).map(({ event }) => event);
  expect(kinds.filter((kind) => kind === "npsSubmitted")).toHaveLength(10);
  expect(kinds.filter((kind) => kind === "ping")).toHaveLength(30);
});

test("everyday words: people and companies as nearly everywhere, and answers that explain themselves", () => {
  const everyday: DeliveryOptions = { ...history, accounts: 350, visitors: 1000, count: 5000, words: "everyday" };
  const { world } = createDeliveries(everyday);
  const names = world.accounts.map(({ metadata }) => metadata.agent.name);
  expect(new Set(names).size).toBe(350);
  expect(names.every((name) => /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(String(name)))).toBe(true);
  expect(world.accounts.every(({ id }) => /^[a-z]+-[a-z]+$/.test(id))).toBe(true);
  const people = world.visitors.filter(({ isAnonymous }) => !isAnonymous);
  expect(people.every(({ id }) => /^[a-z]+\.[a-z]+\d*$/.test(id))).toBe(true);
  const emails = people.map(({ metadata }) => String(metadata.agent.email ?? ""));
  expect(emails.filter((email) => /^[a-z]+\.[a-z]+\d*@[a-z]+(-[a-z]+)?\.example$/.test(email)).length).toBeGreaterThan(
    900,
  );
  const answers = renderAll(everyday).flatMap(({ expect }) => (expect.becomes === "event" ? expect.polls : []));
  expect(answers.length).toBeGreaterThan(500);
  expect(answers.every(({ question }) => question !== null)).toBe(true);
  expect(answers.some(({ label }) => label === "Too expensive")).toBe(true);
});

test("live: the same people go on after the history, nobody new, and who fell silent stays so", () => {
  const before = createDeliveries(history);
  const live = createDeliveries({ ...history, live: 12 * 3600, count: 2000 });
  expect(live.world.visitors.map(({ id }) => id)).toEqual(before.world.visitors.map(({ id }) => id));
  const times = live.moments.map(({ at }) => at);
  expect([Math.min(...times) >= now, Math.max(...times) <= now + 12 * 3600]).toEqual([true, true]);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const known = new Set(live.world.visitors);
  expect(live.moments.every(({ visitor }) => visitor === null || known.has(visitor))).toBe(true);
  expect(live.moments.filter(({ kind }) => kind === "visitorCreated" || kind === "accountCreated")).toEqual([]);
  const silent = live.world.accounts.find(({ story }) => story === "silent")!;
  expect(live.moments.filter(({ accountId }) => accountId === silent.id)).toEqual([]);
  const souring = live.world.accounts.find(({ story }) => story === "souring")!;
  const scores = live.moments.flatMap(({ nps, accountId }) => (nps && accountId === souring.id ? [nps.score] : []));
  expect(scores.length).toBeGreaterThan(5);
  expect(scores.filter((score) => score > 8)).toEqual([]);
});
