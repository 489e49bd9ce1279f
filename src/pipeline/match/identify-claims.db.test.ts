import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPlace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { type ClaimToIdentify, identifyClaims } from "./identify-claims.ts";
import { takeIdsToAsk, writeAnswers } from "./pendo-identities-table.ts";
import type { Answer } from "./plan-answer.ts";

let database: TestDatabase;
let place: Place;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  place = await createPlace(database.pool);
});

const start = new Date("2026-03-10T12:00:00.000Z");
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const byEmail = { userIdFrom: "agent.email", accountIdFrom: "custom.crm_id", level: "account" } as const;
const field = { visitor: "agent.email", account: "custom.crm_id" };

const claim = (
  visitorId: string | null,
  accountId: string | null,
  mapping: ClaimToIdentify["mapping"] = byEmail,
): ClaimToIdentify => ({ visitorId, accountId, connectionId: place.connectionId, mapping });

const identify = (claims: readonly ClaimToIdentify[], now = start) =>
  inTransaction(database.pool, (tx) => identifyClaims(tx, place.workspaceId, claims, now));

const answer = (kind: "visitor" | "account", answers: readonly Answer[], now = start) =>
  inTransaction(database.pool, (tx) =>
    writeAnswers(tx, { ...place, kind, field: field[kind] }, answers, { now, isAsked: true }),
  );

const mapped = (pendoId: string, externalId: string): Answer => ({
  pendoId,
  state: "mapped",
  externalId,
  foundIn: "agent.email",
});

async function readRows(): Promise<{ pendo_id: string; state: string; ask_at: Date | null }[]> {
  const { rows } = await database.pool.query(
    "select pendo_id, state, ask_at from pendo_identities where workspace_id = $1 order by kind, pendo_id",
    [place.workspaceId],
  );
  return rows;
}

describe("Pendo's own ids", () => {
  test("are their own external IDs, and nothing is written", async () => {
    const ownIds = { userIdFrom: null, accountIdFrom: null, level: "account" } as const;
    const claims = [claim("u-1", "a-1", ownIds), claim(null, "a-1", ownIds), claim(null, null, ownIds)];
    expect(await identify(claims)).toEqual([
      { outcome: "ok", value: { user: "u-1", account: "a-1" } },
      { outcome: "ok", value: { user: null, account: "a-1" } },
      { outcome: "ok", value: { user: null, account: null } },
    ]);
    expect(await readRows()).toEqual([]);
  });

  test("on one side, metadata on the other", async () => {
    const [one] = await identify([claim("v-1", "a-1", { ...byEmail, accountIdFrom: null })]);
    expect(one).toMatchObject({ outcome: "park", reason: "identity-wanted" });
    expect(await readRows()).toEqual([{ pendo_id: "v-1", state: "wanted", ask_at: start }]);
    await answer("visitor", [mapped("v-1", "jo@a")]);
    expect(await identify([claim("v-1", "a-1", { ...byEmail, accountIdFrom: null })])).toEqual([
      { outcome: "ok", value: { user: "jo@a", account: "a-1" } },
    ]);
  });
});

describe("by metadata", () => {
  test("what has no answer is wanted, each id once, and its claims are parked", async () => {
    const parked = await identify([claim("v-1", "a-1"), claim("v-2", "a-1"), claim("v-1", null)]);
    expect(parked.map((one) => one.outcome === "park" && one.reason)).toEqual(Array(3).fill("identity-wanted"));
    expect(parked[0]).toMatchObject({ detail: 'It is asked for agent.email of visitor "v-1".' });
    expect((await readRows()).map(({ pendo_id, state }) => `${pendo_id} ${state}`)).toEqual([
      "a-1 wanted",
      "v-1 wanted",
      "v-2 wanted",
    ]);
  });

  test("answers are used; two ids with one external ID are one; case counts", async () => {
    await identify([claim("v-1", "a-1"), claim("v-2", "a-1"), claim("V-1", "a-1")]);
    await answer("visitor", [mapped("v-1", "Jo@a"), mapped("v-2", "Jo@a"), mapped("V-1", "jo@a")]);
    await answer("account", [mapped("a-1", "crm-1")]);
    expect(await identify([claim("v-1", "a-1"), claim("v-2", "a-1"), claim("V-1", null), claim(null, "a-1")])).toEqual(
      [
        { user: "Jo@a", account: "crm-1" },
        { user: "Jo@a", account: "crm-1" },
        { user: "jo@a", account: null },
        { user: null, account: "crm-1" },
      ].map((value) => ({ outcome: "ok", value })),
    );
  });

  test.each([
    ["no-value", "field-empty-for-visitor", 'agent.email has no value for visitor "v-1".'],
    ["unknown", "visitor-unknown-to-pendo", 'It is visitor "v-1".'],
    ["refused", "visitor-refused-by-pendo", 'It is visitor "v-1".'],
  ] as const)(
    "%s parks with its reason, also where the account is still asked about",
    async (state, reason, detail) => {
      await identify([claim("v-1", "a-1")]);
      await answer("visitor", [{ pendoId: "v-1", state }]);
      expect(await identify([claim("v-1", "a-1"), claim("v-1", null)])).toEqual(
        Array(2).fill({ outcome: "park", reason, detail }),
      );
      await answer("account", [{ pendoId: "a-1", state }]);
      expect(await identify([claim(null, "a-1")])).toMatchObject([
        { outcome: "park", reason: reason.replace("visitor", "account") },
      ]);
    },
  );

  test("nobody is not asked about", async () => {
    expect(await identify([claim(null, null)])).toEqual([{ outcome: "ok", value: { user: null, account: null } }]);
    expect(await readRows()).toEqual([]);
  });

  test("what was read by another field counts for nothing", async () => {
    await identify([claim("v-1", null)]);
    await answer("visitor", [mapped("v-1", "jo@a")]);
    const byPhone = { ...byEmail, userIdFrom: "agent.phone" };
    expect(await identify([claim("v-1", null, byPhone)])).toMatchObject([{ reason: "identity-wanted" }]);
    expect(await readRows()).toEqual([{ pendo_id: "v-1", state: "wanted", ask_at: start }]);
    // The answer to the question of before comes too late.
    await answer("visitor", [mapped("v-1", "jo@a")]);
    expect(await identify([claim("v-1", null, byPhone)])).toMatchObject([{ reason: "identity-wanted" }]);
  });

  test("after all were read, somebody without a value is asked about when a delivery names them, a minute later", async () => {
    const question = { ...place, kind: "visitor", field: "agent.email" } as const;
    await inTransaction(database.pool, (tx) =>
      writeAnswers(tx, question, [{ pendoId: "v-1", state: "no-value" }], { now: start, isAsked: false }),
    );
    expect(await readRows()).toEqual([{ pendo_id: "v-1", state: "no-value", ask_at: null }]);
    await identify([claim("v-1", null)], later(0.5));
    expect(await readRows()).toEqual([{ pendo_id: "v-1", state: "no-value", ask_at: later(1) }]);
    await identify([claim("v-1", null)], later(90));
    expect(await readRows()).toEqual([{ pendo_id: "v-1", state: "no-value", ask_at: later(1) }]);
  });

  test("another connection's answers, and another workspace's, are not seen", async () => {
    await identify([claim("v-1", null)]);
    await answer("visitor", [mapped("v-1", "jo@a")]);
    const first = place;
    place = await createPlace(database.pool, { workspaceId: first.workspaceId });
    expect(await identify([claim("v-1", null)])).toMatchObject([{ reason: "identity-wanted" }]);
    place = await createPlace(database.pool);
    expect(await identify([claim("v-1", null)])).toMatchObject([{ reason: "identity-wanted" }]);
  });
});

describe("asking", () => {
  const take = (now: Date, limit = 100) =>
    inTransaction(database.pool, (tx) =>
      takeIdsToAsk(
        tx,
        { ...place, kind: "visitor", field: "agent.email" },
        { now, leaseUntil: new Date(now.getTime() + 300_000), limit },
      ),
    );

  test("takes what is due, the longest waiting first, and each once until the lease is over", async () => {
    await identify([claim("v-2", null)], later(1));
    await identify([claim("v-1", null), claim("v-3", null)], later(2));
    await identify([claim("v-4", null)], later(9));
    expect(await take(later(3), 2)).toEqual(["v-2", "v-1"]);
    expect(await take(later(3))).toEqual(["v-3"]);
    expect(await take(later(3))).toEqual([]);
    expect(await take(later(8.5))).toEqual(["v-1", "v-2", "v-3"]);
  });

  test("two who take at once share", async () => {
    await identify(Array.from({ length: 40 }, (_, n) => claim(`v-${n}`, null)));
    const taken = await Promise.all([take(start, 20), take(start, 20), take(start, 20)]);
    expect(taken.flat().length).toBe(new Set(taken.flat()).size);
    expect([...taken.flat(), ...(await take(start))]).toHaveLength(40);
  });
});

test("an answer and a delivery that wants it never pass each other by", async () => {
  // The delivery has looked and found no answer; before it parks, the answer comes.
  await identify([claim("v-1", null)]);
  const parking = await database.pool.connect();
  const answering = await database.pool.connect();
  try {
    await parking.query("begin");
    expect(await identifyClaims(parking, place.workspaceId, [claim("v-1", null)], start)).toMatchObject([
      { reason: "identity-wanted" },
    ]);
    await answering.query("begin");
    let isWritten = false;
    const writing = writeAnswers(
      answering,
      { ...place, kind: "visitor", field: "agent.email" },
      [mapped("v-1", "jo@a")],
      { now: start, isAsked: true },
    ).then((written) => {
      isWritten = true;
      return written;
    });
    await waitUntilSomebodyWaits();
    expect(isWritten).toBe(false);
    await parking.query("commit");
    expect(await writing).toEqual({ changed: ["v-1"], moved: [] });
    await answering.query("commit");
  } finally {
    parking.release();
    answering.release();
  }
});

async function waitUntilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
