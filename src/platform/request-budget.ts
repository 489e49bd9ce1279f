// How many requests a key may make: a thousand in any sixty seconds. Counted by each process for itself, so that no request
// waits for another process; behind several processes a key has as many times the budget.

export type Budget = {
  isSpent: boolean;
  remaining: number;
  /** Whole seconds until the oldest request counted no longer counts. */
  resetSeconds: number;
};

export const requestLimit = 1_000;
const windowMs = 60_000;
const mostKeys = 10_000;

export type RequestBudgets = { take: (key: string) => Budget };

export function createRequestBudgets(clock: () => Date): RequestBudgets {
  const taken = new Map<string, number[]>();

  /** Also drops what a clock that was set back left in the future: it would count for hours. */
  function listRecent(key: string, now: number): number[] {
    return (taken.get(key) ?? []).filter((at) => at > now - windowMs && at <= now);
  }

  function forgetIdle(now: number): void {
    for (const key of taken.keys()) if (listRecent(key, now).length === 0) taken.delete(key);
  }

  return {
    take(key) {
      const now = clock().getTime();
      const recent = listRecent(key, now);
      const isSpent = recent.length >= requestLimit;
      if (!isSpent) recent.push(now);
      if (!taken.has(key) && taken.size >= mostKeys) forgetIdle(now);
      taken.set(key, recent);
      return {
        isSpent,
        remaining: requestLimit - recent.length,
        resetSeconds: Math.max(1, Math.ceil((recent[0]! + windowMs - now) / 1_000)),
      };
    },
  };
}
