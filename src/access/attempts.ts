// How often somebody may try: per e-mail, and per address they try from. Counted in this process's memory: several processes
// allow as many times more, and a start forgets. An attempt counts when it begins, so that many at once are no way around it.
import { HttpError } from "../platform/http-server.ts";
import { parseIpAddress } from "../platform/outgoing/ip-address.ts";
import type { Budget } from "../platform/request-budget.ts";

/** Seconds. */
export const attemptSpan = 15 * 60;
const span = attemptSpan * 1_000;
const mostOf = { email: 10, address: 50 } as const;
/** Entries that are kept; beyond that the oldest are forgotten, so that a flood of names does not eat the memory. */
const mostKept = 50_000;

/** Too many; `seconds` until there may be another one. */
export class TooManyAttemptsError extends HttpError {
  constructor(readonly seconds: number) {
    super(429, `Too many attempts: try again in ${Math.ceil(seconds / 60)} ${seconds > 60 ? "minutes" : "minute"}.`);
  }
}

export type Attempts = {
  /** Throws when there were too many. Who succeeds calls what is returned, and the attempt counts no more. */
  begin: (who: { email?: string; address: string }) => () => void;
  /** What is left of the attempts from an address, in any `attemptSpan`. */
  readBudget: (address: string) => Budget;
};

export function createAttempts(clock: () => Date): Attempts {
  const counts = new Map<string, { count: number; until: number }>();

  function count(key: string, most: number, now: number): void {
    const found = counts.get(key);
    const entry = found && found.until > now ? found : { count: 0, until: now + span };
    if (entry.count >= most) throw new TooManyAttemptsError(Math.ceil((entry.until - now) / 1000));
    entry.count += 1;
    // Set anew, so that the map's order is that of the last attempt.
    counts.delete(key);
    counts.set(key, entry);
    if (counts.size > mostKept) counts.delete(counts.keys().next().value!);
  }

  return {
    begin({ email, address }) {
      const now = clock().getTime();
      const ofAddress = nameAddress(address);
      // As it is looked up: with a space around it, it is nobody else's.
      const ofEmail = `email ${email?.trim().toLowerCase()}`;
      count(ofAddress, mostOf.address, now);
      if (email !== undefined) count(ofEmail, mostOf.email, now);
      return () => {
        counts.delete(ofEmail);
        const entry = counts.get(ofAddress);
        if (entry) entry.count -= 1;
      };
    },
    readBudget(address) {
      const now = clock().getTime();
      const found = counts.get(nameAddress(address));
      const { count, until } = found && found.until > now ? found : { count: 0, until: now + span };
      const remaining = mostOf.address - count;
      const resetSeconds = Math.ceil((until - now) / 1_000);
      return { limit: mostOf.address, isSpent: remaining === 0, remaining, resetSeconds };
    },
  };
}

/** Whoever has an address of IPv6 has all that begin with the same 64 bits. One of IPv4 may be written as one (::ffff:1.2.3.4). */
function nameAddress(address: string): string {
  const ip = parseIpAddress(address);
  const isWide = ip?.bits === 128 && ip.value >> 32n !== 0xffffn;
  return `address ${isWide ? ip.value >> 64n : address}`;
}
