// Pages of the compatible API: whoever reads a list to its end has every row that did not change meanwhile exactly once.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createVitallyClient, type VitallyClient } from "../../../test/support/vitally-client.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const size = 30;

/** Accounts of one organization, several of which share a moment, to the microsecond. */
async function createAccounts(workspaceId: string, own: VitallyClient, moments: readonly number[]): Promise<void> {
  const { id } = await own.post("/organizations", { externalId: "o", name: "O" });
  await plumbline.database.pool.query(
    `insert into accounts (workspace_id, account_id, external_id, organization_id, created_at, updated_at)
     select $1, gen_random_uuid(), 'a-' || n, $2, '2026-01-01'::timestamptz + make_interval(secs => moment / 1e6), '2026-01-01'::timestamptz + make_interval(secs => moment / 1e6)
     from unnest($3::int[]) with ordinality as r(moment, n)`,
    [workspaceId, id, moments],
  );
}

const lists = ["/accounts", "/accounts?status=activeOrChurned", "/organizations/o/accounts"] as const;

test("rows that do not change come exactly once, whatever changes between the pages", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(8), { minLength: size, maxLength: size }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom("updatedAt", "createdAt"),
      fc.constantFrom(...lists),
      fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
      async (moments, limit, sortBy, list, changes) => {
        const workspaceId = await createWorkspace(plumbline.database.pool);
        const own = await createVitallyClient(plumbline, workspaceId);
        await createAccounts(workspaceId, own, moments);
        const seen: any[] = [];
        const changed = new Set<string>();
        const first = `${list}${list.includes("?") ? "&" : "?"}limit=${limit}`;
        let from = `&sortBy=${sortBy}`;
        for (const between of changes) {
          const page = await own.get(`${first}${from}`);
          expect(page.results.length).toBeLessThanOrEqual(limit);
          seen.push(...page.results);
          if (page.next === null) break;
          // The cursor alone tells the order.
          from = `&from=${encodeURIComponent(page.next)}`;
          for (const n of between) {
            changed.add(`a-${n + 1}`);
            await own.put(`/accounts/a-${n + 1}`, { name: `changed after ${seen.length}` });
          }
        }
        const names = seen.map((one) => one.externalId);
        const still = Array.from({ length: size }, (_, n) => `a-${n + 1}`).filter((one) => !changed.has(one));
        expect(names.filter((one) => still.includes(one)).sort()).toEqual(still.sort());
        // By creation nothing moves at all.
        if (sortBy === "createdAt") expect([...new Set(names)]).toHaveLength(size);
        expect(new Set(names).size).toBe(names.length);
        const times = seen.map((one) => one.createdAt);
        if (sortBy === "createdAt") expect(times).toEqual([...times].sort().reverse());
      },
    ),
    { numRuns: 40 },
  );
});

test("a list is continued in the order in which it was begun", async () => {
  const own = await createVitallyClient(plumbline, await createWorkspace(plumbline.database.pool));
  for (const externalId of ["a", "b"]) await own.post("/accounts", { externalId, name: externalId });
  const { next } = await own.get("/accounts?limit=1&sortBy=createdAt");
  expect((await own.send("GET", `/accounts?limit=1&sortBy=updatedAt&from=${next}`)).json.error).toContain(
    "by createdAt",
  );
  expect((await own.get(`/accounts?limit=1&sortBy=createdAt&from=${next}`)).next).toBeNull();
});
