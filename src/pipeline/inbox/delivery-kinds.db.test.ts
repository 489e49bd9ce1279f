// Of kinds that are rare and of those that are not, alone and together, the list is that of all deliveries, less the others.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { countDeliveries, listDeliveries } from "./delivery-queries.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const workspace of ["another", "ours"]) {
    const place = await createPlace(database.pool);
    await database.pool.query(
      `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, kind)
       select $1, ('019d0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2, '2026-11-20', 1, true, 'recorded',
              case when n % 100 = 0 then 'rare' when n % 500 = 1 then 'rarer' when n % 100 <> 2 then 'common' end
       from generate_series(1, $3) n`,
      [place.workspaceId, place.connectionId, workspace === "ours" ? 2_300 : 700],
    );
    workspaceId = place.workspaceId;
  }
});
afterAll(() => database.drop());

async function readPages(kind: string[] | undefined, limit: number) {
  const rows: { id: string; kind: string | null }[] = [];
  for (let from: string | undefined; ; ) {
    const page = await listDeliveries(database.pool, { workspaceId, kind }, { limit, from });
    rows.push(...page.items);
    if (page.next === null) return rows.map((row) => `${row.id} ${row.kind}`);
    from = page.next;
  }
}

test.each([
  [["rare"], 23],
  [["rarer"], 5],
  [["rare", "rarer"], 28],
  [["rare", "no such kind"], 23],
  [["no such kind"], 0],
  [["common"], 2_249],
  [["common", "rare"], 2_272],
  [["rare", "rare"], 23],
])("%j", async (kind, count) => {
  const all = await readPages(undefined, 1_000);
  const read = await readPages(kind, 40);
  expect(read).toEqual(all.filter((row) => kind.some((one) => row.endsWith(` ${one}`))));
  expect(read.length).toBe(count);
  expect(await countDeliveries(database.pool, { workspaceId, kind })).toEqual({ count, isMore: false });
});
