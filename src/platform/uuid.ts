// Ids: v7 for what comes into being here (ordered by time), v8 for what is known by what it stands for.
import { createHash, randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4096);
let used = pool.length;

const mostInMillisecond = 0x1000;
const mostAhead = 24 * 60 * 60 * 1000;
let lastAt = 0;
let counter = 0;

/**
 * A version 7 uuid. `at` is in milliseconds since 1970, by our own clock: a time that somebody else says would move the ids of
 * all that comes after. Ids of one process are in the order they were made: the 12 bits
 * behind the time count, and neither a clock that is set back nor more than 4,096 ids in a millisecond break the order
 * (the time in the id then runs ahead of the clock until that has caught up). A clock that is set back by more than a
 * day is believed: things of a time are looked for by ids of that time.
 */
export function createUuid(at: number): string {
  if (at > lastAt || at < lastAt - mostAhead) {
    lastAt = at;
    counter = 0;
  } else if (counter + 1 < mostInMillisecond) counter += 1;
  else {
    lastAt += 1;
    counter = 0;
  }
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const time = lastAt.toString(16).padStart(12, "0");
  const random = pool.toString("hex", used, used + 8);
  used += 8;
  const variant = "89ab"[Number.parseInt(random[0]!, 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${variant}${random.slice(1, 4)}-${random.slice(4, 16)}`;
}

/** The smallest version 7 uuid of a moment, in milliseconds since 1970: a bound for ranges of time. */
export function lowestUuid(at: number): string {
  if (Number.isNaN(at)) throw new RangeError("A time that is no time has no ids.");
  if (at >= 2 ** 48) return "ffffffff-ffff-ffff-ffff-ffffffffffff";
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** The same in SQL, of an expression that is a time. */
export function lowestUuidOf(time: string): string {
  return `rpad(lpad(to_hex(floor(extract(epoch from ${time}) * 1000)::bigint), 12, '0'), 32, '0')::uuid`;
}

/** A version 8 uuid that is the same whenever the parts are the same. Parts are told apart by their length. */
export function deriveUuid(...parts: string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    // As UTF-8 all lone surrogates would be one character, and two things could get one id.
    if (part.isWellFormed()) hash.update(`${Buffer.byteLength(part)}:${part}`);
    else hash.update(`${part.length}u:`).update(part, "utf16le");
  }
  const hex = hash.digest("hex");
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
