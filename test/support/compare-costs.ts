// How work grows, for tests of what must not become slow: a machine that is busy makes both sides slower.

/**
 * How many times as much processor time the second takes as the first. Each is done several times in turn, and its least counts:
 * nothing makes work faster than it is.
 */
export function compareCosts(first: () => unknown, second: () => unknown, times = 5): number {
  const least = { first: Number.POSITIVE_INFINITY, second: Number.POSITIVE_INFINITY };
  for (let time = 0; time < times; time += 1) {
    least.first = Math.min(least.first, measure(first));
    least.second = Math.min(least.second, measure(second));
  }
  return least.second / least.first;
}

/** Microseconds of this process, not of the clock on the wall; below a millisecond they say nothing. */
function measure(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return Math.max(1_000, user + system);
}
