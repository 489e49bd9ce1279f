import type { DatabasePool } from "../../src/platform/database/pool.ts";

/** Where a strategy runs: empty tables, one workspace. */
export type Place = { pool: DatabasePool; workspaceId: string; connectionId: string };

/** One way of doing it; `run` resolves to rows a second. */
export type Strategy = { name: string; run: (place: Place) => Promise<number> };

/** Runs `once` again and again on `lanes` connections for about `milliseconds`; resolves to rows a second. */
export async function measureRate(lanes: number, once: (lane: number) => Promise<number>, milliseconds = 3_000) {
  const start = performance.now();
  let rows = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (performance.now() - start < milliseconds) rows += await once(lane);
    }),
  );
  return rows / ((performance.now() - start) / 1000);
}
