import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../world/types.ts";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, aggregate, allApps, createAsk } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
let simulator: PendoSimulator;
let ask: Ask;
const run = (...pipeline: Json[]) => aggregate(ask, pipeline);

beforeAll(async () => {
  simulator = await startPendoSimulator({
    seed: "7",
    now,
    days: 30,
    count: 6000,
    accounts: 60,
    visitors: 600,
    isClockRunning: false,
  });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

const quote = (id: string) => `"${id.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

describe("paging by key, filter and limit gives each exactly once", () => {
  test.each([
    ["visitors", "visitorId"],
    ["accounts", "accountId"],
  ] as const)("%s", async (source, key) => {
    const expected = [...simulator.people.list(key === "visitorId" ? "visitor" : "account")]
      .filter((id) => !id.startsWith("_PENDO_T_"))
      .sort();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 7, max: 900 }), fc.boolean(), async (limit, isBackticked) => {
        const found: string[] = [];
        for (let last: string | undefined; ; last = found.at(-1)!) {
          const literal = isBackticked && !last?.includes("`") ? `\`${last}\`` : quote(last ?? "");
          const page = await run(
            { source: { [source]: { appId: allApps } } },
            { identified: key },
            ...(last === undefined ? [] : [{ filter: `${key} > ${literal}` }]),
            { select: { [key]: key } },
            { sort: [key] },
            { limit },
          );
          found.push(...page.map((row) => String(row[key])));
          if (page.length < limit) break;
        }
        expect([...found].sort()).toEqual(expected);
        expect(new Set(found).size).toBe(found.length);
      }),
      { numRuns: 12 },
    );
  });

  test("with skip as well", async () => {
    const pages = [];
    for (let skip = 0; ; skip += 100) {
      const page = await run({ source: { visitors: null } }, { sort: ["visitorId"] }, { skip }, { limit: 100 });
      pages.push(...page.map(({ visitorId }) => visitorId));
      if (page.length < 100) break;
    }
    expect(pages.toSorted()).toEqual([...simulator.people.list("visitor")].sort());
  });

  test("each visitor is found alone, whatever is in the id", async () => {
    for (const id of simulator.people.list("visitor")) {
      if (/^[\w@.-]+$/.test(id)) continue;
      const rows = await run({ source: { visitors: null } }, { filter: `visitorId == ${quote(id)}` });
      expect(rows.map(({ visitorId }) => visitorId)).toEqual([id]);
    }
  });
});

describe("visitors and accounts", () => {
  test("anonymous visitors are there, and go when asked for somebody", async () => {
    const count = async (...stages: Json[]) => (await run(...stages, { count: null }))[0]!.count as number;
    const all = await count({ source: { visitors: null } });
    const identified = await count({ source: { visitors: null } }, { identified: "visitorId" });
    const anonymous = await count({ source: { visitors: null } }, { identified: "!visitorId" });
    expect(anonymous).toBe(simulator.world.visitors.filter(({ isAnonymous }) => isAnonymous).length);
    expect(identified + anonymous).toBe(all);
    expect(await count({ source: { visitors: { identified: true } } })).toBe(identified);
  });

  test("by the time of their last change, with a time series inside the source", async () => {
    const timeSeries = { period: "hourRange", first: "0", last: "now()" };
    const [{ from }] = [simulator.world.period];
    const rows = await run(
      { source: { visitors: { appId: allApps, timeSeries } } },
      { filter: `metadata.auto.lastupdated >= ${from * 1000}` },
      { sort: ["metadata.auto.lastupdated", "visitorId"] },
      { limit: 50 },
    );
    const times = rows.map(({ metadata }) => (metadata as any).auto.lastupdated);
    expect(rows).toHaveLength(50);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(from * 1000);
  });

  test("accounts with their names", async () => {
    const rows = await run(
      { source: { accounts: null } },
      { identified: "accountId" },
      { select: { accountId: "accountId", name: "metadata.agent.name", seen: "metadata.auto.lastvisit" } },
    );
    const known = simulator.world.accounts.filter(({ id }) => simulator.people.has("account", id));
    expect(rows.map(({ accountId }) => accountId).toSorted()).toEqual(known.map(({ id }) => id).toSorted());
    for (const { accountId, name } of rows)
      expect(name).toBe(known.find(({ id }) => id === accountId)!.metadata.agent.name);
  });

  test("the accounts of each visitor, expanded", async () => {
    const rows = await run(
      { source: { visitors: null } },
      { identified: "visitorId" },
      { eval: { accountId: "metadata.auto.accountids" } },
      { unwind: { field: "accountId", keepEmpty: true } },
      { bulkExpand: { account: { account: "accountId" } } },
      { segment: { id: "segment-of-admins" } },
      {
        select: {
          visitorId: "visitorId",
          accountId: "accountId",
          plan: "account.agent.plan",
          role: "metadata.agent.role",
        },
      },
    );
    expect(rows.length).toBeGreaterThan(100);
    for (const { accountId, plan, role } of rows) {
      expect(role).toBe("admin");
      expect(plan).toBe(simulator.world.accounts.find(({ id }) => id === accountId)?.metadata.agent.plan ?? null);
    }
  });
});
