import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const facts = ["/events", "/nps-responses", "/poll-responses"];
const records = ["/users", "/accounts", "/organizations"];
const lists = [...facts, ...records, "/deliveries"];

test("times are taken as ISO 8601 writes them", async () => {
  const times = [
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2026-03-10t12:00:00%2B05:30",
    "2026-03-10 12:00:00-15:59",
  ];
  for (const list of [...lists, "/ledger"])
    for (const time of times)
      expect([time, (await plumbline.get(`${list}?since=${time}&until=${time}`)).status]).toEqual([time, 200]);
});

test.each([
  "0000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "2026-12-31T23:59:60Z",
  "2026-12-31T23:60:00Z",
  "2026-02-30T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-03-10",
  "2026-03-10T12:00:00",
  "2026-03-10T12:00:00%2B05",
  "2026-03-10T12:00:00-16:00",
  "2026-03-10%C2%A012:00:00Z",
  "yesterday",
  "1626804431",
  "",
  "%00",
])("%j is no time, and the answer says so", async (time) => {
  for (const list of [...lists, "/ledger"])
    for (const name of ["since", "until"]) {
      const { status, json } = await plumbline.get(`${list}?${name}=${time}`);
      expect([list, name, status]).toEqual([list, name, 400]);
      expect(json.detail).toContain(`\`${name}\` must be a time in ISO 8601`);
    }
});

test("a character that no text here has is the caller's mistake, wherever it stands", async () => {
  const names = [
    "externalId",
    "guide",
    "kind",
    "user",
    "account",
    "organization",
    "state",
    "reason",
    "connection",
    "from",
  ];
  for (const list of lists)
    for (const name of names) {
      const { status, json } = await plumbline.get(`${list}?${name}=a%00b`);
      expect([list, name, status]).toEqual([list, name, 400]);
      expect(json.detail).toContain(`\`${name}\``);
    }
  for (const list of lists) expect((await plumbline.get(`${list}/a%00b`)).status).toBe(400);
});

test("any other text is looked for, and not found", async () => {
  const texts = ["%F0%9F%98%80", "'", '"', "%5C", "%25", "_", "%EF%BF%BD", "%3B--", "{}", "null", "x".repeat(1_500)];
  for (const list of lists)
    for (const text of texts) {
      expect((await plumbline.get(`${list}/${text}`)).status).toBe(404);
      const filters = records.includes(list) ? ["externalId"] : list === "/deliveries" ? ["kind"] : ["user", "account"];
      const { status, json } = await plumbline.get(`${list}?${filters.map((name) => `${name}=${text}`).join("&")}`);
      expect([list, text, status, json.items]).toEqual([list, text, 200, []]);
    }
});

test.each(["0", "501", "-1", "1.5", "abc", "", "1e9"])("a limit of %j is refused", async (limit) => {
  for (const list of lists) expect((await plumbline.get(`${list}?limit=${limit}`)).status).toBe(400);
});
