import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCorpus, listDocuments } from "../../test/support/corpora.ts";
import { createHostileJson } from "../../test/support/hostile-json.ts";
import type { Item } from "../pipeline/facts.ts";
import type { Json, JsonObject } from "../platform/json.ts";
import { packageRoot } from "../platform/package-root.ts";
import { pendoKinds } from "./kinds/index.ts";
import { type ItemReading, readDelivery } from "./read-delivery.ts";

const receivedAt = new Date("2026-03-10T12:00:00.000Z");
type Rules = Parameters<typeof readDelivery>[2];
const rules: Rules = { filteredKinds: [], recordedKinds: [], anonymousVisitors: "record" };

function readAll(body: string | Json, given: Partial<Rules> = {}): ItemReading[] {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const readings = readDelivery(text, receivedAt, { ...rules, ...given });
  if (!Array.isArray(readings)) throw new Error(`read as ${readings.reason}`);
  return readings;
}

function readOne(body: string | Json, given: Partial<Rules> = {}): ItemReading {
  const readings = readAll(body, given);
  expect(readings).toHaveLength(1);
  return readings[0]!;
}

function readItem(body: string | Json, given: Partial<Rules> = {}): Item {
  const { reading } = readOne(body, given);
  if (reading.outcome !== "ok") throw new Error(`read as ${reading.outcome}: ${reading.reason}`);
  return reading.value;
}

const base = { event: "trackEventReceived", visitorId: "u-1", accountId: "a-1", uniqueId: "1", timestamp: 1626804431 };
const readFixture = (name: string) => readFileSync(join(packageRoot, `test/fixtures/pendo/${name}.json`), "utf8");

describe("the bodies that Pendo publishes", () => {
  const browser = { browserName: "Chrome", browserVersion: "91.0.4472", sampleGroup: 17 };
  const poll = {
    guideId: "Kg92trd4yOzpDb2inI5eTOdcR0U",
    guideName: "Poll 1 - Test",
    guideStepId: "UgG7AtWEXNuvHBBcTqSQ8NxGvAU",
    step: 1,
    steps: 1,
    language: "en-US",
  };
  const survey = {
    guideId: "FjHsQ7S8z0ircYxe3vO4GHawvwI",
    guideName: "Quarterly NPS",
    guideStepId: "WkaB4F2droQ5sSqd-FvC7H9coJQ",
    step: 1,
    steps: 2,
    language: "en-US",
  };
  const cases: [string, string, string, Partial<Item>][] = [
    [
      "visitorCreated",
      "1a2c20ed531bf920781d7f1449968b772840e36c",
      "2021-07-20T17:57:55.000Z",
      { event: { name: "Visitor Created", guideId: null, properties: browser } },
    ],
    [
      "accountCreated",
      "38993a6dd7ff256c0112528ca44b291255603647",
      "2021-07-20T17:57:55.000Z",
      { event: { name: "Account Created", guideId: null, properties: {} } },
    ],
    [
      "trackEventReceived",
      "75c32838012a8311fba2b902857c2e848d98f457",
      "2021-07-20T18:02:24.000Z",
      { event: { name: "Account Upgraded", guideId: null, properties: { fromTier: "basic", toTier: "pro" } } },
    ],
    [
      "guideDisplayed",
      "f9610795860d89fe29491846fe297bcc922e460b",
      "2021-07-20T17:57:56.000Z",
      { event: { name: "Guide Displayed", guideId: poll.guideId, properties: poll } },
    ],
    [
      "pollDisplayed",
      "0000000000000000000000000000000000000001",
      "2021-07-20T17:57:56.000Z",
      { event: { name: "Poll Displayed", guideId: poll.guideId, properties: poll } },
    ],
    [
      "npsDisplayed",
      "b1f15067d47df50a1207dc2d0ce6171a40f8304e",
      "2021-07-20T18:06:24.000Z",
      { event: { name: "NPS Displayed", guideId: survey.guideId, properties: survey } },
    ],
    [
      "npsSubmitted",
      "ccb0f95474ae8b630ede92f8f8dbac03cddfc1c3",
      "2021-07-20T18:07:11.000Z",
      {
        event: null,
        nps: {
          score: 9,
          feedback: "Keep up the great work!",
          channel: "web",
          guideId: survey.guideId,
          guideName: "Quarterly NPS",
        },
      },
    ],
  ];

  test.each(cases)("%s", (kind, uniqueId, at, facts) => {
    expect(readItem(readFixture(kind))).toEqual({
      key: `id:${uniqueId}`,
      kind,
      claim: { visitorId: "Webhook Visitor", accountId: "Webhook Account" },
      pendoVisitorId: "Webhook Visitor",
      pendoAccountId: "Webhook Account",
      respondent: "Webhook Visitor",
      appId: "-323232",
      time: { at: new Date(at), flag: null },
      event: null,
      nps: null,
      polls: [],
      ...facts,
    });
  });

  test("ping is a test message", () => {
    expect(readOne(readFixture("ping"))).toEqual({
      kind: "ping",
      pendoVisitorId: null,
      pendoAccountId: null,
      reading: { outcome: "drop", reason: "test-message" },
    });
  });

  test("one without its kind is of an unknown kind", () => {
    expect(readOne(readFixture("without-event"))).toMatchObject({
      kind: null,
      pendoVisitorId: "test@test.com",
      pendoAccountId: "58f79ee324d3f",
      reading: { outcome: "drop", reason: "unknown-kind" },
    });
  });

  test("staff of the customer are nobody's users: their addresses are not kept", () => {
    for (const [kind] of cases) expect(JSON.stringify(readItem(readFixture(kind)))).not.toContain("pendo-user");
  });
});

describe("every kind", () => {
  test.each(pendoKinds.map((kind) => [kind.kind, kind] as const))("%s: its samples are read", (name, kind) => {
    expect(kind.samples.length).toBeGreaterThan(0);
    for (const sample of kind.samples) {
      const { kind: seen, reading } = readOne(sample);
      expect(seen).toBe(name);
      if (name === "ping") continue;
      const item = readItem(sample);
      expect(reading.outcome).toBe("ok");
      // An NPS submission is a response and no event; everything else an event and no response.
      expect([item.event === null, item.nps === null]).toEqual([name === "npsSubmitted", name !== "npsSubmitted"]);
      expect(item.polls.length > 0).toBe(name === "pollSubmitted");
      expect(item.claim).toEqual({ visitorId: "user-1", accountId: "acme-1" });
    }
  });

  test.each(pendoKinds.map((kind) => [kind.kind, kind] as const))("%s: unknown fields break nothing", (_name, kind) => {
    for (const sample of kind.samples) {
      const { reading } = readOne(sample);
      const more = { ...sample, region: "eu", context: { ip: null }, list: [1], __v: 2 };
      const again = readOne(more).reading;
      expect({ ...again, value: undefined }).toEqual({ ...reading, value: undefined });
      if (again.outcome === "ok" && reading.outcome === "ok") expect(again.value).toEqual(reading.value);
    }
  });

  test.each(pendoKinds.map((kind) => [kind.kind] as const))(
    "%s: no parts, or parts of any type, throw nothing",
    (kind) => {
      const anything = fc.option(createHostileJson(), { nil: undefined });
      const parts = fc.record({
        app: anything,
        accountId: anything,
        subscription: anything,
        userAgent: anything,
        properties: fc.oneof(
          anything,
          fc.record(
            {
              guideId: anything,
              guideProperties: fc.oneof(
                anything,
                fc.record({ id: anything, name: anything, steps: anything, polls: anything }),
              ),
              guideStepId: anything,
              language: anything,
              name: anything,
              eventProperties: anything,
              nps: fc.oneof(anything, fc.record({ rating: anything, reason: anything, source: anything })),
              pollResponse: anything,
            },
            { requiredKeys: [] },
          ),
        ),
        timestamp: anything,
        visitorId: anything,
        uniqueId: anything,
      });
      fc.assert(
        fc.property(parts, (message) => {
          const { kind: seen, reading } = readOne({ ...(message as unknown as JsonObject), event: kind });
          expect(seen).toBe(kind);
          if (reading.outcome !== "ok") return;
          for (const id of [reading.value.claim.visitorId, reading.value.claim.accountId])
            if (id !== null) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(1_000);
          expect(Number.isNaN(reading.value.time.at.getTime())).toBe(false);
          expect(reading.value.event === null).toBe(kind === "npsSubmitted");
        }),
      );
    },
  );
});

describe("what a body is", () => {
  test.each([
    ["", "not-json"],
    ["{", "not-json"],
    ["\ufeff{}", "not-json"],
    ["nothing", "not-json"],
    ['{"a":1,}', "not-json"],
    ["null", "not-an-object"],
    ["1", "not-an-object"],
    ['"text"', "not-an-object"],
    ["[]", "not-an-object"],
    ["[1]", "not-an-object"],
    ["[{},null]", "not-an-object"],
    ["[[{}]]", "not-an-object"],
  ])("%j is %s", (body, reason) => {
    expect(readDelivery(body, receivedAt, rules)).toEqual({ outcome: "fail", reason });
  });

  test("a list gives an item for each of its objects, in their order", () => {
    const readings = readAll([{ ...base, uniqueId: "1" }, { event: "ping" }, { ...base, uniqueId: "3" }]);
    expect(readings.map(({ kind, reading }) => [kind, reading.outcome])).toEqual([
      ["trackEventReceived", "ok"],
      ["ping", "drop"],
      ["trackEventReceived", "ok"],
    ]);
  });

  test.skipIf(!hasCorpus("json-test-suite"))("no document of JSONTestSuite throws", () => {
    for (const { body } of listDocuments("json-test-suite/test_parsing")) {
      const text = body.toString("utf8");
      readDelivery(text, receivedAt, rules);
      readDelivery(`{"event":"pollSubmitted","visitorId":${text},"properties":${text}}`, receivedAt, rules);
    }
  });
});

describe("the kind", () => {
  test.each<[Json, string | null]>([
    ["pageLoaded", "pageLoaded"],
    [" npsSubmitted", " npsSubmitted"],
    ["NPSSubmitted", "NPSSubmitted"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
    ["x".repeat(500), "x".repeat(200)],
    ["", null],
    [42, null],
    [null, null],
    [["npsSubmitted"], null],
    [{ name: "npsSubmitted" }, null],
    [true, null],
  ])("%j is unknown", (event, kind) => {
    expect(readOne({ ...base, event })).toEqual({
      kind,
      pendoVisitorId: "u-1",
      pendoAccountId: "a-1",
      reading: { outcome: "drop", reason: "unknown-kind" },
    });
  });

  test("an unknown one that is switched on is a plain event with what was sent; one without a name cannot be", () => {
    const properties = { pageId: "p-1", guideProperties: { name: "Tour" }, deep: { er: [1] } };
    expect(readItem({ ...base, event: "pageLoaded", properties }, { recordedKinds: ["pageLoaded"] })).toMatchObject({
      kind: "pageLoaded",
      event: { name: "pageLoaded", guideId: null, properties: { pageId: "p-1", guideName: "Tour", deep: { er: [1] } } },
    });
    expect(readOne({ ...base, event: "" }, { recordedKinds: [""] }).reading.outcome).toBe("drop");
  });

  test.each(["", "_PENDO_T_1a2b3c", " 'anonymous' ", "null"])(
    "of the visitor %j is recorded or filtered, as it is set",
    (visitorId) => {
      const body = { ...base, visitorId };
      expect(readOne(body).reading.outcome).toBe("ok");
      expect(readOne(body, { anonymousVisitors: "filter" }).reading).toEqual({
        outcome: "drop",
        reason: "anonymous-visitor",
      });
    },
  );

  test("about an account alone is not one of an anonymous visitor", () => {
    const { visitorId: _, ...body } = { ...base, event: "accountCreated" } as Record<string, unknown>;
    expect(readOne(body as never, { anonymousVisitors: "filter" }).reading.outcome).toBe("ok");
    expect(readOne(base, { anonymousVisitors: "filter" }).reading.outcome).toBe("ok");
  });

  test("one that is switched off is filtered, also when it is unknown, unreadable, or about an id that cannot be kept", () => {
    const filteredKinds = ["npsSubmitted", "pageLoaded", "trackEventReceived", "ping"];
    for (const body of [
      { ...base, event: "npsSubmitted", properties: { nps: { rating: 99 } } },
      { ...base, event: "pageLoaded" },
      { ...base, visitorId: "a\0b" },
      { event: "ping" },
    ])
      expect(readOne(body, { filteredKinds, recordedKinds: ["pageLoaded"] }).reading).toEqual({
        outcome: "drop",
        reason: "kind-switched-off",
      });
  });
});

describe("whose it is", () => {
  test("ids are taken exactly, and those of numbers with all their digits", () => {
    const body = JSON.stringify({ ...base, visitorId: "V", accountId: "A" }).replace('"V"', "12345678901234567890");
    expect(readItem(body.replace('"A"', '" Acme  Corp "')).claim).toEqual({
      visitorId: "12345678901234567890",
      accountId: " Acme  Corp ",
    });
  });

  test("ids that identify nobody are shown, and claim nothing", () => {
    expect(readItem({ ...base, visitorId: "anonymous", accountId: '"null"' })).toMatchObject({
      claim: { visitorId: null, accountId: null },
      pendoVisitorId: "anonymous",
      pendoAccountId: '"null"',
      respondent: null,
    });
    expect(readItem({ ...base, visitorId: "_PENDO_T_1" })).toMatchObject({
      claim: { visitorId: null, accountId: "a-1" },
      respondent: "_PENDO_T_1",
    });
    const { visitorId, accountId, ...neither } = base;
    expect(readItem(neither)).toMatchObject({ claim: { visitorId: null, accountId: null }, respondent: null });
  });

  test.each([
    ["with U+0000", "a\0b"],
    ["with a lone surrogate", "a\udc00"],
    ["too long", "x".repeat(1_001)],
    ["too long in UTF-8", "€".repeat(334)],
  ])("an id %s is not guessed", (_name, id) => {
    for (const side of ["visitorId", "accountId"])
      expect(readOne({ ...base, [side]: id })).toEqual({
        kind: "trackEventReceived",
        pendoVisitorId: null,
        pendoAccountId: null,
        reading: { outcome: "fail", reason: "id-unusable" },
      });
  });

  test("an id of just the longest length is kept", () => {
    for (const id of ["x".repeat(1_000), "€".repeat(333)])
      expect(readItem({ ...base, visitorId: id }).claim.visitorId).toBe(id);
  });
});

describe("the key, by which a thing is recorded once", () => {
  const keyOf = (body: string | Json) => readItem(body).key;
  const without = { event: "trackEventReceived", visitorId: "u-1", properties: { name: "x" } };

  test("is Pendo's uniqueId", () => {
    expect(keyOf({ ...base, uniqueId: "abc" })).toBe("id:abc");
    expect(keyOf({ ...base, uniqueId: 7 })).toBe("id:7");
    expect(keyOf('{"event":"trackEventReceived","uniqueId":9007199254740993}')).toBe("id:9007199254740993");
  });

  test("without one it is made of the body", () => {
    const key = keyOf(without);
    expect(key).toMatch(/^body:[0-9a-f]{64}$/);
    expect(keyOf(without)).toBe(key);
    expect(keyOf({ ...without, visitorId: "u-2" })).not.toBe(key);
  });

  test.each([null, "", " ", "undefined", "null", '"null"', 0, "0", {}, [], false])(
    "a uniqueId of %j is none: it would make one event of many",
    (uniqueId) => {
      expect(keyOf({ ...without, uniqueId })).toMatch(/^body:/);
      expect(keyOf({ ...without, uniqueId })).not.toBe(keyOf({ ...without, visitorId: "u-2", uniqueId }));
    },
  );

  test("in a list each object has its own", () => {
    const keys = readAll([without, { ...without, visitorId: "u-2" }, { ...base, uniqueId: "3" }]).map(({ reading }) =>
      reading.outcome === "ok" ? reading.value.key : "",
    );
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe("id:3");
  });
});

test("ids of guides and polls that no index takes are shortened, and stay different and whole in the properties", () => {
  const long = (end: string) => `${"g".repeat(5_000)}${end}`;
  const read = (end: string) =>
    readItem({
      ...base,
      event: "pollSubmitted",
      properties: { guideId: long(end), guideStepId: long(end), pollResponses: [{ pollId: long(end), response: 4 }] },
    });
  const [one, same, other] = [read("1"), read("1"), read("2")];
  expect(one.polls).toEqual(same.polls);
  for (const pick of [
    (item: Item) => item.event!.guideId!,
    (item: Item) => item.polls[0]!.pollId!,
    (item: Item) => item.polls[0]!.guideId!,
    (item: Item) => item.polls[0]!.guideStepId!,
  ]) {
    expect(Buffer.byteLength(pick(one))).toBeLessThan(400);
    expect(pick(one)).not.toBe(pick(other));
  }
  expect(one.event?.properties.guideId).toBe(long("1"));
  const nps = readItem({ ...base, event: "npsSubmitted", properties: { guideId: long("1"), nps: { rating: 0 } } });
  expect(nps.nps?.guideId).toBe(one.event?.guideId);
});
