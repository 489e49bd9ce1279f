// The ledger of a span of time is read by the primary key, and must be the same as of everything, cut to these hours.
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendBodies, createPlace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createUuid } from "../../platform/uuid.ts";
import { listLedgerHours, readLedger } from "./ledger-queries.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("any span has the hours of that span, also where ids run ahead of the clock", async () => {
  const place = await createPlace(database.pool);
  const now = Date.parse("2026-11-20T10:00:00Z");
  const minutes = [0, 1, 59, 60, 61, 119, 120, 24 * 60 - 1, 24 * 60, 30 * 60];
  for (const minute of minutes)
    await appendBodies(database.pool, place, [{ event: "ping", minute }], new Date(now + minute * 60_000));
  // A clock that is set back: the ids stay ahead, by almost a day.
  createUuid(now + 40 * 60 * 60_000);
  await appendBodies(database.pool, place, [{ event: "ping" }], new Date(now + 17 * 60 * 60_000));
  const hours = await listLedgerHours(database.pool, { workspaceId: place.workspaceId });
  expect(hours.reduce((sum, hour) => sum + hour.waiting, 0)).toBe(minutes.length + 1);
  for (const since of [-1, 0, 1, 2, 17, 24, 30])
    for (const until of [0, 1, 2, 3, 18, 25, 31]) {
      const span = { since: new Date(now + since * 60 * 60_000), until: new Date(now + until * 60 * 60_000) };
      const within = hours.filter(({ hour }) => hour >= span.since && hour < span.until);
      const read = await listLedgerHours(database.pool, { workspaceId: place.workspaceId, ...span });
      expect([since, until, read]).toEqual([since, until, within]);
      expect((await readLedger(database.pool, { workspaceId: place.workspaceId, ...span })).difference).toBe(0);
    }
});
