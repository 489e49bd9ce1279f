import { describe, expect, test } from "vitest";
import type { ClaimedDelivery } from "./inbox/claim-queries.ts";
import { drop, fail, park, type Reason, reasons } from "./outcome.ts";
import { type ItemEnd, summarizeDelivery } from "./summarize-delivery.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const delivery: ClaimedDelivery = {
  deliveryId: "d-1",
  connectionId: "c-1",
  receivedAt: now,
  size: 2,
  signed: false,
  attempts: 0,
  endpoint: null,
  body: "{}",
};

const seen = (name: string) => ({ kind: `kind of ${name}`, pendoVisitorId: `v of ${name}`, pendoAccountId: null });
const event = (id: string) => ({ type: "event", id }) as const;

const ends = {
  recorded: { isDuplicate: false, made: [event("e-1")] },
  recordedMore: { isDuplicate: false, made: [event("e-2"), { type: "poll-response", id: "p-1" }] },
  duplicate: { isDuplicate: true, made: [event("e-3")] },
  filtered: drop("unknown-kind"),
  test: drop("test-message"),
  held: "held",
  parked: park("no-such-user", "No user has the external ID x."),
  wanted: park("identity-wanted", "It is asked for agent.email of visitor x."),
  failed: fail("score-unreadable", "The score given is 11."),
  unusable: fail("id-unusable"),
  refused: fail("not-json"),
} satisfies Record<string, ItemEnd["end"]>;

const summarize = (names: (keyof typeof ends)[], given: Partial<ClaimedDelivery> = {}) =>
  summarizeDelivery(
    { ...delivery, ...given },
    names.map((name) => ({ seen: seen(name), end: ends[name] })),
    now,
  );

describe("one item", () => {
  const cases: [keyof typeof ends, string, Reason | null, string | null, string[]][] = [
    ["recorded", "recorded", null, null, ["e-1"]],
    ["recordedMore", "recorded", null, null, ["e-2", "p-1"]],
    ["duplicate", "duplicate", "already-recorded", null, ["e-3"]],
    ["filtered", "filtered", "unknown-kind", null, []],
    ["test", "filtered", "test-message", null, []],
    ["held", "held", "connection-off", null, []],
    ["parked", "parked", "no-such-user", "No user has the external ID x.", []],
    ["failed", "failed", "score-unreadable", "The score given is 11.", []],
    ["unusable", "failed", "id-unusable", null, []],
    ["refused", "refused", "not-json", null, []],
  ];
  test.each(cases)("%s", (name, state, reason, detail, made) => {
    const summary = summarize([name]);
    expect(summary).toMatchObject({ deliveryId: "d-1", state, reason, detail, ...seen(name) });
    expect(summary.made.map((one) => one.id)).toEqual(made);
    expect(summary.tryAt === null).toBe(state !== "parked");
    if (reason !== null) expect(reasons[reason]).toMatch(/\.$/);
  });
});

describe("several items", () => {
  const cases: [(keyof typeof ends)[], string, Reason | null, string][] = [
    [["recorded", "recordedMore"], "recorded", null, "2 objects: 2 recorded."],
    [["filtered", "recorded"], "recorded", null, "2 objects: 1 recorded, 1 filtered."],
    [["filtered", "duplicate"], "duplicate", "already-recorded", "2 objects: 1 duplicate, 1 filtered."],
    [["duplicate", "recorded"], "recorded", null, "2 objects: 1 recorded, 1 duplicate."],
    [["test", "filtered"], "filtered", "test-message", "2 objects: 2 filtered."],
    [
      ["recorded", "failed"],
      "failed",
      "score-unreadable",
      "2 objects: 1 failed, 1 recorded. Object 2: The score given is 11.",
    ],
    [
      ["unusable", "failed"],
      "failed",
      "id-unusable",
      `2 objects: 2 failed. Object 1: ${reasons["id-unusable"]} Object 2: The score given is 11.`,
    ],
    [
      ["recorded", "parked"],
      "parked",
      "no-such-user",
      "2 objects: 1 parked, 1 recorded. Object 2: No user has the external ID x.",
    ],
    // What is parked is tried again by itself; settled as failed it would be forgotten.
    [
      ["failed", "parked"],
      "parked",
      "no-such-user",
      "2 objects: 1 parked, 1 failed. Object 1: The score given is 11. Object 2: No user has the external ID x.",
    ],
    [["held", "held"], "held", "connection-off", "2 objects: 2 held."],
    [
      ["recorded", "duplicate", "filtered", "held", "parked", "failed", "recordedMore"],
      "parked",
      "no-such-user",
      "7 objects: 1 parked, 1 failed, 1 held, 2 recorded, 1 duplicate, 1 filtered. Object 5: No user has the external ID x. Object 6: The score given is 11.",
    ],
  ];
  test.each(cases)("%s", (names, state, reason, detail) => {
    const summary = summarize(names);
    // The ids are those of the object that decides: what waits is found by what it waits for.
    const decisive = names.find((name) => summarize([name]).state === state)!;
    expect(summary).toMatchObject({ state, reason, detail, ...seen(decisive) });
    const backwards = summarize([...names].reverse());
    expect(backwards.state).toBe(state);
  });

  test("everything that was made is listed, in order", () => {
    expect(summarize(["recorded", "failed", "recordedMore", "duplicate"]).made.map((one) => one.id)).toEqual([
      "e-1",
      "e-2",
      "p-1",
      "e-3",
    ]);
  });
});

test.each([
  [0, 1],
  [1, 2],
  [2, 4],
  [8, 256],
  [9, 360],
  [10, 360],
  [30_000, 360],
])("after %i attempts a parked delivery is tried again in %i minutes", (attempts, minutes) => {
  expect(summarize(["parked"], { attempts }).tryAt).toEqual(new Date(now.getTime() + minutes * 60_000));
});

test.each([
  [0, 15],
  [1, 30],
  [5, 360],
  [30_000, 360],
])("what waits for Pendo's answer does not count on it alone: after %i attempts, %i minutes", (attempts, minutes) => {
  expect(summarize(["wanted"], { attempts }).tryAt).toEqual(new Date(now.getTime() + minutes * 60_000));
});
