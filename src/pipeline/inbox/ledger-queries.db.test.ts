// The ledger of a span of time is read by the primary key, and must be the same as of everything, cut to these hours.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendBodies, createPlace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createUuid } from "../../platform/uuid.ts";
import { listLedgerDays } from "./ledger-days-queries.ts";
import { listLedgerHours, readLedger, sumLedger } from "./ledger-queries.ts";

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

describe("days", () => {
  const noon = Date.parse("2026-11-01T12:00:00Z");
  const bodies = (count: number) => Array.from({ length: count }, (_, place) => ({ event: "ping", place }));

  test("have what the hours have, of one connection or of all", async () => {
    const place = await createPlace(database.pool);
    const other = await createPlace(database.pool, { workspaceId: place.workspaceId });
    const states = ["recorded", "duplicate", "filtered", "held", "parked", "failed", "waiting"];
    for (const [at, to] of [place, other, place].entries()) {
      await appendBodies(database.pool, to, bodies(7 + at), new Date(noon + at * 13 * 60 * 60_000));
      await database.pool.query(
        `update deliveries d set state = ($2::text[])[1 + n % 7]
         from (select delivery_id, row_number() over (order by delivery_id) as n from deliveries where connection_id = $1) as o
         where d.delivery_id = o.delivery_id and d.state = 'waiting'`,
        [to.connectionId, states],
      );
    }
    for (const connectionId of [undefined, place.connectionId, other.connectionId]) {
      const span = { since: new Date(noon - 24 * 60 * 60_000), until: new Date(noon + 72 * 60 * 60_000) };
      const of = { workspaceId: place.workspaceId, ...(connectionId && { connectionId }) };
      const days = await listLedgerDays(database.pool, { ...of, ...span, zone: "UTC" });
      const hours = await listLedgerHours(database.pool, of);
      const names = [...new Set(hours.map(({ hour }) => hour.toISOString().slice(0, 10)))];
      expect(days).toEqual(
        names.map((name) => {
          const { difference, ...sums } = sumLedger(hours.filter(({ hour }) => hour.toISOString().startsWith(name)));
          expect(difference).toBe(0);
          return { day: name, ...sums };
        }),
      );
      expect(days.length).toBeGreaterThan(0);
    }
  });

  test("are cut to whole hours at both ends", async () => {
    const place = await createPlace(database.pool);
    const minute = (minutes: number) => new Date(Date.parse("2026-10-01T12:00:00Z") + minutes * 60_000);
    await appendBodies(database.pool, place, bodies(3), minute(20));
    await appendBodies(database.pool, place, bodies(2), minute(40));
    const of = { workspaceId: place.workspaceId, since: minute(30), zone: "UTC" };
    for (const until of [minute(30), minute(60)])
      expect(await listLedgerDays(database.pool, { ...of, until })).toMatchObject([
        { day: "2026-10-01", received: 5, waiting: 5, recorded: 0 },
      ]);
    expect(await listLedgerDays(database.pool, { ...of, until: minute(0) })).toEqual([]);
  });

  test("begin at midnight in the zone that is asked for, and count nothing of others", async () => {
    const place = await createPlace(database.pool);
    await appendBodies(database.pool, place, bodies(3), new Date("2026-11-05T22:59:00Z"));
    await appendBodies(database.pool, place, bodies(2), new Date("2026-11-05T23:00:00Z"));
    const span = { since: new Date("2026-11-01T00:00:00Z"), until: new Date("2026-11-09T00:00:00Z") };
    const read = async (zone: string, workspaceId = place.workspaceId) =>
      (await listLedgerDays(database.pool, { workspaceId, ...span, zone })).map(({ day, received, waiting }) => [
        day,
        received,
        waiting,
      ]);
    expect(await read("UTC")).toEqual([["2026-11-05", 5, 5]]);
    expect(await read("Europe/Berlin")).toEqual([
      ["2026-11-05", 3, 3],
      ["2026-11-06", 2, 2],
    ]);
    expect(await read("UTC", (await createPlace(database.pool)).workspaceId)).toEqual([]);
  });
});
