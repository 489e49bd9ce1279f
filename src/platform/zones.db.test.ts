import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { HttpError } from "./http-server.ts";
import { checkZone } from "./zones.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("zones are taken by their names, and PostgreSQL means the same by them", async () => {
  const at = Date.parse("2026-03-01T12:00:00Z");
  for (const zone of ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "Etc/GMT+5", "EST"]) {
    expect(await checkZone(database.pool, zone)).toBe(zone);
    const { rows } = await database.pool.query("select to_char(to_timestamp($1) at time zone $2, 'HH24:MI') as time", [
      at / 1000,
      zone,
    ]);
    const time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(at);
    expect([zone, rows[0].time]).toEqual([zone, time]);
  }
  for (const zone of Intl.supportedValuesOf("timeZone")) expect(await checkZone(database.pool, zone)).toBe(zone);
  expect(await checkZone(database.pool)).toBe("UTC");
});

test.each(["Mars/Base", "Mars5", "<+03>-3", "+03:00", "5", "", " ", "Europe", "Europe/Berlin ", "'"])(
  "%j is none",
  async (zone) => {
    await expect(checkZone(database.pool, zone)).rejects.toThrow(HttpError);
  },
);
