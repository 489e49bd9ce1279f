import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHostileJson, hostileText } from "../../../test/support/hostile-json.ts";
import { isWithinDepth, type Json, type JsonObject } from "../../platform/json.ts";
import { judgeMessages } from "./judge-request.ts";
import { type MessageReading, readMessages } from "./read-messages.ts";

const receivedAt = new Date("2026-03-10T12:00:00.000Z");
const rules = { filteredKinds: [] };
const read = (endpoint: string, body: unknown) => {
  const readings = readMessages(JSON.stringify(body), endpoint, receivedAt, rules);
  if (!Array.isArray(readings)) throw new Error(readings.reason);
  return readings;
};
const message = (reading: MessageReading | undefined) => {
  if (reading?.reading.outcome !== "ok") throw new Error(JSON.stringify(reading?.reading));
  return reading.reading.value;
};
const readOne = (endpoint: string, body: object) => message(read(endpoint, { messageId: "m", ...body })[0]);

describe("what a message says", () => {
  test("ids are exact, also numbers that no double holds; other ids of a message say nothing", () => {
    const body = '{"userId": 12345678901234567890, "accountId": 7, "traits": {}, "messageId": 1}';
    const readings = readMessages(body, "user", receivedAt, rules) as MessageReading[];
    expect(message(readings[0])).toMatchObject({ userId: "12345678901234567890", accountId: "7", key: "user id:1" });
    expect(readOne("organization", { organizationId: "o", userId: "u", accountId: "a" })).toMatchObject({
      organizationId: "o",
      userId: null,
      accountId: null,
    });
    expect(readOne("unlink", { organizationId: "o", userId: "u", accountId: "a" }).organizationId).toBeNull();
  });

  test("name, avatar, email and createdAt are said among the traits and are none", () => {
    const traits = { name: "N", email: "e@x", avatar: null, createdAt: "2020-05-01", other: 1 };
    expect(readOne("user", { userId: "u", traits }).said).toEqual({
      name: "N",
      email: "e@x",
      avatar: null,
      joinedAt: new Date("2020-05-01"),
      traits: [{ name: "other", type: "number", value: 1 }],
    });
    const ofAccount = readOne("account", { accountId: "a", traits }).said;
    expect(ofAccount).toMatchObject({ name: "N", avatar: null });
    expect(ofAccount.traits.map(({ name }) => name)).toEqual(["email", "createdAt", "other"]);
  });

  test.each<[Json, unknown]>([
    ["2020-05-01", new Date("2020-05-01")],
    ["2020-05-01T10:00:00+02:00", new Date("2020-05-01T08:00:00Z")],
    [1_588_291_200, new Date("2020-05-01")],
    [1_588_291_200_000, new Date("2020-05-01")],
    [915_148_800, new Date("1999-01-01")],
    [null, null],
  ])("joined at %j", (createdAt, joinedAt) => {
    expect(readOne("user", { userId: "u", traits: { createdAt } }).said).toEqual({ joinedAt, traits: [] });
  });

  test.each<Json>(["some day", 1e300, -1e15, true, {}, "2020-13-01"])("a join time of %j is a trait", (createdAt) => {
    expect(readOne("user", { userId: "u", traits: { createdAt } }).said).toMatchObject({
      traits: [{ name: "createdAt" }],
    });
  });

  test.each<[Json, string | null, unknown]>([
    [5, "number", 5],
    ["5", "text", "5"],
    [true, "yes-no", true],
    ["2026-03-31", "date", "2026-03-31"],
    ["2026-03-31T14:00:00+02:00", "date", "2026-03-31T12:00:00.000Z"],
    ["2026-02-30", "text", "2026-02-30"],
    [["a", 1], "list", ["a", 1]],
    [[["a"]], "text", '[["a"]]'],
    [{ a: 1 }, "text", '{"a":1}'],
    ["", "text", ""],
    [null, null, null],
  ])("the trait %j is of the type %s", (given, type, value) => {
    expect(readOne("account", { accountId: "a", traits: { given } }).said.traits).toEqual([
      { name: "given", type, value },
    ]);
  });

  test("a message without an id has a key of what it says: the same alone and in a batch, another for another", () => {
    const track = { userId: "u", event: "e", properties: { a: 1 }, timestamp: "2026-01-01" };
    const alone = message(read("track", track)[0]).key;
    expect(message(read("batch", [{ type: "track", ...track }])[0]).key).toBe(alone);
    expect(message(read("batch", [{ ...track, type: "track" }])[0]).key).toBe(alone);
    expect(message(read("track", { ...track, properties: { a: 2 } })[0]).key).not.toBe(alone);
  });

  test("an id counts for its type: the same id on a user and a track are two messages", () => {
    const body = { userId: "u", accountId: "a", messageId: "same" };
    const keys = [readOne("user", { ...body, traits: {} }), readOne("track", { ...body, event: "e", properties: {} })];
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2);
  });

  test("said when it tells; else when it arrived, in the order of its request", () => {
    const track = (given: object) => ({
      type: "track",
      userId: "u",
      event: "e",
      properties: {},
      messageId: "m",
      ...given,
    });
    const saidAt = read("batch", [
      track({ timestamp: "2026-01-01" }),
      track({}),
      track({ timestamp: "?" }),
      track({}),
    ]).map((one) => message(one).saidAt - receivedAt.getTime());
    expect(saidAt[0]).toBe(Date.UTC(2026, 0, 1) - receivedAt.getTime());
    expect(saidAt.slice(1).map((at) => Math.round(at * 1000))).toEqual([1, 2, 3]);
  });
});

test.each(["name", "email"])("a %s that is longer than a record can have it fails", (field) => {
  const say = (length: number) =>
    read("user", { userId: "u", traits: { [field]: "é".repeat(length) }, messageId: "m" })[0]?.reading;
  expect(say(500)).toMatchObject({ outcome: "ok" });
  expect(say(501)).toMatchObject({ outcome: "fail", detail: expect.stringContaining(`\`${field}\``) });
});

const fields = [
  "type",
  "userId",
  "accountId",
  "organizationId",
  "traits",
  "properties",
  "event",
  "messageId",
  "timestamp",
];
const endpoints = ["organization", "account", "user", "track", "unlink", "batch", "identify", "", "constructor"];

/** Messages that are whole, or nearly: with hostile values here and there. */
const nearlyWhole: fc.Arbitrary<Json> = fc
  .record({
    type: fc.constantFrom(...endpoints),
    userId: fc.oneof(hostileText, fc.constant("u")),
    accountId: fc.oneof(hostileText, fc.constant("a")),
    organizationId: fc.oneof(hostileText, fc.constant("o")),
    traits: fc.dictionary(hostileText, createHostileJson()),
    properties: fc.dictionary(hostileText, createHostileJson()),
    event: hostileText,
    messageId: hostileText,
    timestamp: fc.oneof(hostileText, fc.double(), fc.constant("2026-01-01")),
  })
  .chain((whole) =>
    fc.subarray(Object.entries(whole)).map((entries) => Object.fromEntries(entries) as unknown as JsonObject),
  );

test("whatever comes is judged and read the same way: a message that is taken alone can be recorded, one that is not has its reason", () => {
  const anything = fc.oneof(nearlyWhole, createHostileJson(fields));
  fc.assert(
    fc.property(fc.constantFrom(...endpoints), anything, (endpoint, value) => {
      const body = endpoint === "batch" && !Array.isArray(value) ? [value] : value;
      const text = JSON.stringify(body);
      if (!isWithinDepth(Buffer.from(text), 100)) return;
      const refusal = judgeMessages(JSON.parse(text), endpoint, rules);
      const readings = readMessages(text, endpoint, receivedAt, rules);
      if (!Array.isArray(readings)) {
        expect(refusal?.reason).toBe(readings.reason);
        return;
      }
      const outcomes = readings.map(({ reading }) => reading.outcome);
      expect(refusal === null).toBe(outcomes.some((outcome) => outcome !== "fail"));
      for (const { reading } of readings) if (reading.outcome === "fail") expect(reading.detail).toMatch(/\.$/);
    }),
    { numRuns: 2_000 },
  );
});
