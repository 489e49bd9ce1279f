/** Seconds until the next request is allowed; 0 when this one is, and then it counts. */
export type RateLimit = () => number;

/** So many requests a second, with as many at once after a pause; 0 is without a limit. `now` in milliseconds. */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  if (perSecond === 0) return () => 0;
  const most = Math.max(1, perSecond);
  let allowed = most;
  let last = now();
  return () => {
    const at = now();
    allowed = Math.min(most, allowed + ((at - last) / 1000) * perSecond);
    last = at;
    if (allowed < 1) return (1 - allowed) / perSecond;
    allowed -= 1;
    return 0;
  };
}
