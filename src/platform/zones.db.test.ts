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
  const names = ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "Etc/GMT+5", "europe/berlin"];
  const short = ["GMT", "EST", "CET", "EET", "BST", "IST", "PST", "AST", "Japan", "EST5EDT"];
  for (const zone of [...names, ...short])
    for (const at of ["2026-01-01T12:00:00Z", "2026-07-01T12:00:00Z"].map(Date.parse)) {
      const { rows } = await database.pool.query(
        "select to_char(to_timestamp($1) at time zone $2, 'HH24:MI') as time",
        [at / 1000, await checkZone(database.pool, zone)],
      );
      const time = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(at);
      expect([zone, at, rows[0].time]).toEqual([zone, at, time]);
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
