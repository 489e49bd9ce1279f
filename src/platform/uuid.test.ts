import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText } from "../../test/support/hostile-json.ts";
import { createUuid, deriveUuid, isUuid, lowestUuid } from "./uuid.ts";

const shape = (version: number) =>
  new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`);
const timeOf = (uuid: string) => Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);
/** Later than anything a test before has made. */
let nextStart = Date.UTC(2100, 0, 1);
const day = 24 * 60 * 60 * 1000;

function takeStart(): number {
  nextStart += 10 * day;
  return nextStart;
}

function expectRising(uuids: readonly string[]): void {
  expect(new Set(uuids).size).toBe(uuids.length);
  expect(uuids.findIndex((uuid, index) => index > 0 && uuid <= uuids[index - 1]!)).toBe(-1);
}

describe("createUuid", () => {
  test("is of version 7, with the time in milliseconds in front", () => {
    const at = takeStart();
    const uuid = createUuid(at);
    expect(uuid).toMatch(shape(7));
    expect(timeOf(uuid)).toBe(at);
    expect(isUuid(uuid)).toBe(true);
  });

  test("ten thousand in one millisecond are different, in order, and close to their time", () => {
    const at = takeStart();
    const uuids = Array.from({ length: 10_000 }, () => createUuid(at));
    expectRising(uuids);
    for (const uuid of uuids) expect(uuid).toMatch(shape(7));
    expect(timeOf(uuids.at(-1)!)).toBe(at + 2);
  });

  test("a clock that is set back does not break the order; one that goes on is followed at once", () => {
    const at = takeStart();
    const times = [0, 5, 4, 5, -1_000, -3_600_000, 6, 6, 2, 7];
    const uuids = times.map((offset) => createUuid(at + offset));
    expectRising(uuids);
    expect(uuids.map(timeOf)).toEqual([0, 5, 5, 5, 5, 5, 6, 6, 6, 7].map((offset) => at + offset));
  });

  test("a clock that is set back by more than a day is believed", () => {
    const at = takeStart();
    createUuid(at);
    expect(timeOf(createUuid(at - 2 * day))).toBe(at - 2 * day);
    expect(timeOf(createUuid(at))).toBe(at);
  });

  test("is in order for any clock that wavers by less than a day", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -day / 2, max: day / 2 - 1 }), { maxLength: 50 }), (offsets) => {
        const at = takeStart();
        expectRising(offsets.map((offset) => createUuid(at + offset)));
      }),
    );
  });
});

describe("lowestUuid", () => {
  test("is below every id of its moment, and above every id of the moment before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 46 }), (at) => {
        const before = deriveVersion7(at - 1, "f");
        const first = deriveVersion7(at, "0");
        expect(lowestUuid(at) <= first).toBe(true);
        expect(before < lowestUuid(at)).toBe(true);
        expect(isUuid(lowestUuid(at))).toBe(true);
      }),
    );
  });

  test.each([
    [0, "00000000-0000-0000-0000-000000000000"],
    [-5, "00000000-0000-0000-0000-000000000000"],
    [1.9, "00000000-0001-0000-0000-000000000000"],
    [8.64e15, "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    [Number.POSITIVE_INFINITY, "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  ])("of %d is %s", (at, uuid) => {
    expect(lowestUuid(at)).toBe(uuid);
  });

  test("of no time is a mistake", () => {
    expect(() => lowestUuid(Number.NaN)).toThrow(RangeError);
  });
});

/** The lowest ("0") or highest ("f") version 7 uuid of a moment. */
function deriveVersion7(at: number, digit: "0" | "f"): string {
  const time = at.toString(16).padStart(12, "0");
  const fill = (length: number) => digit.repeat(length);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fill(3)}-${digit === "0" ? "8" : "b"}${fill(3)}-${fill(12)}`;
}

describe("deriveUuid", () => {
  test("is of version 8, and the same for the same parts, today and tomorrow", () => {
    expect(deriveUuid("event", "c-1", "id:1")).toMatch(shape(8));
    const hash = createHash("sha256").update("5:event3:c-14:id:1").digest("hex");
    expect(deriveUuid("event", "c-1", "id:1")).toBe("43161a0b-ed00-84a9-a108-e473699c8dcd");
    expect(hash.slice(0, 12)).toBe("43161a0bed00");
  });

  test("different parts give different ids: where they are cut, their order, characters that UTF-8 does not have", () => {
    const parts = [
      ["ab", "c"],
      ["a", "bc"],
      ["abc"],
      ["abc", ""],
      ["", "abc"],
      ["c", "ab"],
      ["1:a", "b"],
      ["1", "a1:b"],
      ["\ud800"],
      ["\ud801"],
      ["\udc00"],
      ["\ufffd"],
      ["\ud800\ud800"],
      ["é"],
      ["e\u0301"],
    ];
    expect(new Set(parts.map((one) => deriveUuid(...one))).size).toBe(parts.length);
    fc.assert(
      fc.property(fc.array(hostileText), fc.array(hostileText), (one, other) => {
        expect(deriveUuid(...one) === deriveUuid(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

test.each([
  ["00000000-0000-0000-0000-000000000000", true],
  ["0190A3B4-C5D6-7E8F-9ABC-DEF012345678", true],
  ["0190a3b4c5d67e8f9abcdef012345678", false],
  ["0190a3b4-c5d6-7e8f-9abc-def01234567", false],
  ["0190a3b4-c5d6-7e8f-9abc-def012345678\n", false],
  ["{0190a3b4-c5d6-7e8f-9abc-def012345678}", false],
  ["g190a3b4-c5d6-7e8f-9abc-def012345678", false],
  ["", false],
])("whether %j is a uuid: %s", (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});
