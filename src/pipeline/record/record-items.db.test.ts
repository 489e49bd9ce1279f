import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { createHostileJson } from "../../../test/support/hostile-json.ts";
import { createPlace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { readDelivery } from "../../pendo/read-delivery.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { Item } from "../facts.ts";
import { pairSubmissions } from "./pair-submissions.ts";
import { type RecordableItem, type RecordResult, recordItems } from "./record-items.ts";

let database: TestDatabase;
let place: Place;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  place = await createPlace(database.pool);
});

const receivedAt = new Date("2026-03-10T12:00:00.000Z");
const nobodyElse = { userId: null, accountId: null, organizationId: null };
let count = 0;

/** A body as Pendo sends it, read. Each has its own uniqueId unless one is given. */
function readBody(event: string, properties: object, given: object = {}): Item {
  count += 1;
  const body = {
    event,
    properties,
    visitorId: "u-1",
    accountId: "a-1",
    timestamp: 1_700_000_000,
    uniqueId: `${count}`,
    ...given,
  };
  const rules = { filteredKinds: [], recordedKinds: [], anonymousVisitors: "record" } as const;
  const [one] = readDelivery(JSON.stringify(body), receivedAt, rules) as Exclude<
    ReturnType<typeof readDelivery>,
    { outcome: string }
  >;
  if (one?.reading.outcome !== "ok") throw new Error(`read as ${JSON.stringify(one)}`);
  return one.reading.value;
}

const track = (given: object = {}, properties: object = {}) =>
  readBody("trackEventReceived", { name: "Signed In", eventProperties: properties }, given);

/** As if each came in a delivery of its own, unless one is given. */
function wrap(item: Item, given: Partial<RecordableItem> = {}): RecordableItem {
  return {
    item,
    owner: nobodyElse,
    connectionId: place.connectionId,
    deliveryId: createUuid(receivedAt.getTime()),
    source: "pendo-webhook",
    mappingVersion: 3,
    ...given,
  };
}

const record = (items: readonly RecordableItem[]): Promise<RecordResult[]> =>
  inTransaction(database.pool, (tx) => recordItems(tx, place.workspaceId, items));

async function readRows(table: "events" | "nps_responses" | "poll_responses"): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query(`select * from ${table} where workspace_id = $1`, [place.workspaceId]);
  return rows;
}

test("nothing to record needs nothing", async () => {
  expect(await record([])).toEqual([]);
});

test("an event is recorded with everything that is known of it", async () => {
  const item = track({ app: { id: -323232 } }, { plan: "pro", seats: 0 });
  const owner = { userId: createUuid(1), accountId: createUuid(2), organizationId: createUuid(3) };
  const one = wrap(item, { owner });
  const [result] = await record([one]);
  expect(result).toEqual({ isDuplicate: false, made: [{ type: "event", id: result!.made[0]!.id }] });
  expect(await readRows("events")).toMatchObject([
    {
      workspace_id: place.workspaceId,
      event_id: result!.made[0]!.id,
      connection_id: place.connectionId,
      delivery_id: one.deliveryId,
      source: "pendo-webhook",
      kind: "trackEventReceived",
      name: "Signed In",
      occurred_at: new Date(1_700_000_000_000),
      time_flag: null,
      pendo_visitor_id: "u-1",
      pendo_account_id: "a-1",
      app_id: "-323232",
      guide_id: null,
      user_id: owner.userId,
      account_id: owner.accountId,
      organization_id: owner.organizationId,
      mapping_version: 3,
      properties: { plan: "pro", seats: 0 },
    },
  ]);
});

describe("everything is recorded once", () => {
  const poll = () =>
    readBody("pollSubmitted", {
      guideId: "g",
      pollResponses: [
        { pollId: "p-1", response: 0 },
        { pollId: "p-2", response: "x" },
      ],
    });
  const nps = () => readBody("npsSubmitted", { guideId: "g", nps: { rating: 0, reason: "slow" } });
  const kinds: [string, () => Item, [number, number, number]][] = [
    ["an event", () => track(), [1, 0, 0]],
    ["a poll's answers", poll, [1, 0, 2]],
    ["an NPS response", nps, [0, 1, 0]],
  ];

  const countRows = async () => [
    (await readRows("events")).length,
    (await readRows("nps_responses")).length,
    (await readRows("poll_responses")).length,
  ];

  test.each(kinds)(
    "%s that another delivery brings again is a duplicate, and names what was made",
    async (_name, create, rows) => {
      const item = create();
      const first = wrap(item);
      const [made] = await record([first]);
      expect(made!.isDuplicate).toBe(false);
      expect(await record([wrap(item)])).toEqual([{ isDuplicate: true, made: made!.made }]);
      // The delivery that brought it, sent through once more, is none.
      expect(await record([first])).toEqual([made]);
      expect(await countRows()).toEqual(rows);
    },
  );

  test.each(kinds)("%s that comes three times in one batch: the first stands for all", async (_name, create, rows) => {
    const item = create();
    const results = await record([wrap(item), wrap(track()), wrap(item), wrap(item)]);
    expect(results.map((one) => one.isDuplicate)).toEqual([false, false, true, true]);
    expect(results[2]!.made).toEqual(results[0]!.made);
    expect(await countRows()).toEqual([rows[0] + 1, rows[1], rows[2]]);
  });

  test.each(kinds)("%s that several workers record at once, in any order", async (_name, create, rows) => {
    const items = Array.from({ length: 30 }, create);
    const workers = await Promise.all(
      Array.from({ length: 6 }, (_, worker) =>
        record((worker % 2 === 0 ? items : items.toReversed()).map((item) => wrap(item))),
      ),
    );
    expect(await countRows()).toEqual(rows.map((one) => one * items.length));
    const results = workers.flat();
    expect(results.filter((one) => !one.isDuplicate)).toHaveLength(items.length);
    expect(new Set(results.map((one) => one.made[0]!.id)).size).toBe(items.length);
  });

  test("the same uniqueId at two connections is two things", async () => {
    const item = track({ uniqueId: "same" });
    const other = await createPlace(database.pool, { workspaceId: place.workspaceId });
    const results = await record([wrap(item), wrap(item, { connectionId: other.connectionId })]);
    expect(results.map((one) => one.isDuplicate)).toEqual([false, false]);
    expect(await readRows("events")).toHaveLength(2);
  });

  test("a reading that finds more answers than it did before adds none to what another delivery recorded", async () => {
    const given = { uniqueId: "poll" };
    await record([wrap(readBody("pollSubmitted", { pollResponses: [{ pollId: "p-1", response: 1 }] }, given))]);
    const more = readBody(
      "pollSubmitted",
      {
        pollResponses: [
          { pollId: "p-1", response: 1 },
          { pollId: "p-2", response: 2 },
        ],
      },
      given,
    );
    expect((await record([wrap(more)]))[0]!.isDuplicate).toBe(true);
    expect(await readRows("poll_responses")).toHaveLength(1);
  });
});

describe("a reason completes its score", () => {
  const submit = (minutes: number, nps: object, given: object = {}) =>
    readBody("npsSubmitted", { guideId: "g-1", nps }, { timestamp: 1_700_000_000 + minutes * 60, ...given });

  /** [score, feedback] of each response that people see, by time. */
  async function show(): Promise<[unknown, unknown][]> {
    const rows = (await readRows("nps_responses")).filter((row) => row.part_of === null);
    rows.sort((one, other) => Number(one.responded_at) - Number(other.responded_at));
    return rows.map((row) => [row.score, row.feedback]);
  }

  test("in one batch, in two, and in the other order", async () => {
    const pair = () => [submit(0, { rating: 0 }), submit(1, { reason: "slow" })].map((item) => wrap(item));
    await record(pair());
    expect(await show()).toEqual([[0, "slow"]]);
    for (const inOrder of [true, false]) {
      place = await createPlace(database.pool);
      const items = pair();
      for (const one of inOrder ? items : items.toReversed()) await record([one]);
      expect(await show()).toEqual([[0, "slow"]]);
    }
  });

  test("also where two workers hold a half each at the same time", async () => {
    for (let round = 0; round < 10; round += 1) {
      place = await createPlace(database.pool);
      await Promise.all([record([wrap(submit(0, { rating: 7 }))]), record([wrap(submit(1, { reason: "slow" }))])]);
      expect(await show()).toEqual([[7, "slow"]]);
    }
  });

  test.each([
    ["another visitor", { visitorId: "u-2" }, "g-1"],
    ["another guide", {}, "g-2"],
    ["no guide", {}, null],
  ])("but not one of %s", async (_name, given, guideId) => {
    await record([wrap(submit(0, { rating: 7 }))]);
    await record([
      wrap(readBody("npsSubmitted", { guideId, nps: { reason: "slow" } }, { timestamp: 1_700_000_060, ...given })),
    ]);
    expect(await show()).toEqual([
      [7, null],
      [null, "slow"],
    ]);
  });

  test("nor of another connection", async () => {
    const other = await createPlace(database.pool, { workspaceId: place.workspaceId });
    await record([
      wrap(submit(0, { rating: 7 })),
      wrap(submit(1, { reason: "slow" }), { connectionId: other.connectionId }),
    ]);
    expect(await show()).toEqual([
      [7, null],
      [null, "slow"],
    ]);
  });

  test("strangers who share an id do not complete each other's responses", async () => {
    for (const visitorId of ["anonymous", "undefined", "0", "", null, '"null"']) {
      place = await createPlace(database.pool);
      await record([
        wrap(submit(0, { rating: 7 }, { visitorId })),
        wrap(submit(1, { rating: 7, reason: "slow" }, { visitorId })),
      ]);
      expect(await show()).toEqual([
        [7, null],
        [7, "slow"],
      ]);
    }
  });

  test("one who has not signed in yet is still one visitor", async () => {
    const visitorId = "_PENDO_T_8Xb2kQ";
    await record([wrap(submit(0, { rating: 7 }, { visitorId })), wrap(submit(1, { reason: "slow" }, { visitorId }))]);
    expect(await show()).toEqual([[7, "slow"]]);
  });

  test("in whatever batches and order they come, the rows are those of all at once", async () => {
    const submission = fc.record({
      minutes: fc.integer({ min: 0, max: 40 * 60 }),
      rating: fc.option(fc.constantFrom(0, 9)),
      reason: fc.option(fc.constantFrom("x", "y")),
      batch: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(submission, { maxLength: 8 }), async (parts) => {
        place = await createPlace(database.pool);
        const told = parts.filter(({ rating, reason }) => rating !== null || reason !== null);
        const items = told.map(({ minutes, rating, reason }) => wrap(submit(minutes, { rating, reason })));
        for (const batch of [0, 1, 2, 3]) {
          const together = items.filter((_, index) => told[index]!.batch === batch);
          if (together.length > 0) await record(together);
        }
        const rows = await readRows("nps_responses");
        expect(rows).toHaveLength(items.length);
        const fresh = rows.map((row) => ({
          id: row.nps_response_id as string,
          score: row.score as number | null,
          submittedFeedback: row.submitted_feedback as string | null,
          feedback: row.submitted_feedback as string | null,
          partOf: null,
          at: row.responded_at as Date,
        }));
        const changes = new Map(pairSubmissions(fresh).map((change) => [change.id, change]));
        for (const row of rows) {
          const change = changes.get(row.nps_response_id as string);
          expect([row.feedback, row.part_of]).toEqual([
            change?.feedback ?? row.submitted_feedback,
            change?.partOf ?? null,
          ]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("whatever is put into a body can be recorded", () => {
  test("hostile JSON in every place", async () => {
    const anything = createHostileJson(["answers", "response", "id", "name"]);
    const parts = fc.record({
      visitorId: anything,
      accountId: anything,
      timestamp: anything,
      uniqueId: anything,
      app: fc.record({ id: anything }),
    });
    const kind = fc.constantFrom(
      "trackEventReceived",
      "guideDisplayed",
      "pollSubmitted",
      "npsSubmitted",
      "visitorCreated",
    );
    await fc.assert(
      fc.asyncProperty(kind, parts, anything, anything, async (event, given, value, name) => {
        const properties = {
          name,
          eventProperties: value,
          guideId: name,
          guideProperties: { name, id: value },
          guideStepId: name,
          language: value,
          pollId: name,
          question: name,
          type: name,
          pollResponses: value,
          nps: { rating: 5, reason: value, source: name },
        };
        let item: Item;
        try {
          item = readBody(event, properties, given);
        } catch {
          return; // An id that cannot be kept: the reader says so.
        }
        const [result] = await record([wrap(item)]);
        expect(result!.made.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  test.skipIf(!hasCorpus("naughty-strings"))("naughty strings come back as they went in", async () => {
    const texts = listNaughtyStrings().filter((text) => text.trim() !== "");
    const items = texts.map((text) =>
      wrap(
        readBody("pollSubmitted", {
          guideId: text,
          guideName: text,
          pollId: text,
          question: text,
          pollResponse: text,
          [text]: text,
        }),
      ),
    );
    await record(items);
    const rows = await readRows("poll_responses");
    const answers = rows.map((row) => row.answer);
    for (const text of texts) expect(answers).toContain(JSON.parse(toStorableJson(text)));
    for (const row of rows)
      if (row.poll_id === row.answer)
        expect([row.question, row.guide_id, row.guide_name]).toEqual(Array(3).fill(row.answer));
  });

  test("ids longer than an index takes", async () => {
    // Of no pattern: an index would pack what repeats itself.
    const long = (name: string) =>
      Array.from({ length: 90 }, (_, n) => createHash("sha256").update(`${name} ${n}`).digest("base64")).join("");
    const given = { visitorId: `_PENDO_T_${long("v")}`, app: { id: long("app") } };
    const item = readBody(
      "pollSubmitted",
      {
        guideId: long("g"),
        guideStepId: long("s"),
        pollResponses: [
          { pollId: long("p"), response: 1 },
          { pollId: long("q"), response: 2 },
        ],
      },
      given,
    );
    const nps = readBody("npsSubmitted", { guideId: long("g"), nps: { rating: 1 } }, given);
    await record([wrap(item), wrap(nps)]);
    const rows = await readRows("poll_responses");
    expect(new Set(rows.map((row) => row.poll_id)).size).toBe(2);
    expect((await readRows("nps_responses"))[0]!.guide_id).toBe(rows[0]!.guide_id);
  });
});
