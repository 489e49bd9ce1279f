// How many requests a caller may make in any sixty seconds. Counted by each process for itself, so that no request waits for
// another process; behind several processes a caller has as many times the budget.

export type Budget = {
  /** In any sixty seconds, where nothing else is said. */
  limit: number;
  isSpent: boolean;
  remaining: number;
  /** Whole seconds until the oldest request counted no longer counts. */
  resetSeconds: number;
};

const windowMs = 60_000;
const mostKeys = 10_000;

export type RequestBudgets = {
  /** What somebody has who has not asked for anything yet. */
  full: Budget;
  take: (key: string) => Budget;
};

export function createRequestBudgets(clock: () => Date, limit: number): RequestBudgets {
  const taken = new Map<string, number[]>();

  /** Also drops what a clock that was set back left in the future: it would count for hours. */
  function listRecent(key: string, now: number): number[] {
    const times = taken.get(key) ?? [];
    while (times.length > 0 && times.at(-1)! > now) times.pop();
    let old = 0;
    while (old < times.length && times[old]! <= now - windowMs) old += 1;
    times.splice(0, old);
    return times;
  }

  function forgetIdle(now: number): void {
    for (const key of taken.keys()) if (listRecent(key, now).length === 0) taken.delete(key);
  }

  return {
    full: { limit, isSpent: false, remaining: limit, resetSeconds: windowMs / 1_000 },
    take(key) {
      const now = clock().getTime();
      const recent = listRecent(key, now);
      const isSpent = recent.length >= limit;
      if (!isSpent) recent.push(now);
      if (!taken.has(key) && taken.size >= mostKeys) forgetIdle(now);
      taken.set(key, recent);
      return {
        limit,
        isSpent,
        remaining: limit - recent.length,
        resetSeconds: Math.max(1, Math.ceil((recent[0]! + windowMs - now) / 1_000)),
      };
    },
  };
}
