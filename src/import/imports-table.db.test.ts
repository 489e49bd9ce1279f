// What an import that gets no further comes to, whoever works on it: runners with a run of the test's own on the real table.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { createLeaseRunner, type JobName } from "../platform/lease-runner.ts";
import { type Import, noCounts } from "./import.ts";
import {
  findImport,
  type ImportEnd,
  type ImportProgress,
  importStore,
  insertImport,
  setUploaded,
  startImport,
} from "./imports-table.ts";

let database: TestDatabase;
let now = new Date("2026-11-02T10:00:00Z");
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function begin(isRehearsal: boolean): Promise<JobName> {
  const workspaceId = await createWorkspace(database.pool);
  const given = { workspaceId, kind: "user", isRehearsal, encoding: null, madeBy: "test" } as const;
  const of = { workspaceId, id: await insertImport(database.pool, given, now) };
  await inTransaction(database.pool, async (tx) => {
    await setUploaded(tx, of, { size: 3, columns: ["id"] });
    await startImport(tx, of, { isRehearsal, choices: null }, now);
  });
  return of;
}

/** Each try reads the file and saves as many batches as `batches` says of it, and then it goes wrong. */
async function tryAgainAndAgain(of: JobName, goWrong: () => Error, batches: (tries: number) => number) {
  let tries = 0;
  const runner = createLeaseRunner<Import, ImportProgress, ImportEnd>({
    database: database.pool,
    log: silentLog,
    clock: () => now,
    name: "imports",
    store: importStore,
    mostAtOnce: 1,
    async run({ step, job }) {
      tries += 1;
      await step(async () => ({ step: "reading", done: 0, total: null, savedTo: job.savedTo, counts: noCounts }));
      for (let batch = 0; batch < batches(tries); batch += 1)
        await step(async () => ({
          ...{ step: "writing", done: 1, total: 9, counts: noCounts },
          savedTo: `${job.isRehearsal ? "u" : `try ${tries}`}-${batch}`,
        }));
      throw goWrong();
    },
  });
  const look = async () => (await findImport(database.pool, of))!;
  for (let looks = 0; (await look()).state === "running" && looks < 20; looks += 1) {
    await runner.work(of).catch(() => {});
    now = new Date(now.getTime() + 3_600_000);
  }
  return { tries, ended: await look() };
}

/** What the death of a process looks like to its job. */
const killed = () => Object.assign(new Error("killed"), { code: "57P01" });
const broken = () => new Error("a bug");
const givenUp = expect.stringMatching(/^Given up: 5 times in a row/);

test.each([
  ["a process dies of its file each time", false, killed, 0, givenUp],
  ["something goes wrong with its file each time", false, broken, 0, "a bug"],
  ["a process dies in the middle of a rehearsal each time, which begins anew", true, killed, 2, givenUp],
])("it is given up where %s", async (_where, isRehearsal, goWrong, batches, message) => {
  const of = await begin(isRehearsal);
  const { tries, ended } = await tryAgainAndAgain(of, goWrong, () => batches);
  expect([tries, ended]).toEqual([5, expect.objectContaining({ state: "failed", message })]);
  const again = await inTransaction(database.pool, (tx) => startImport(tx, of, { isRehearsal, choices: null }, now));
  expect(again).toMatchObject({ state: "running", failures: 0, deaths: 0 });
});

test("as long as records are saved it goes on", async () => {
  const { tries, ended } = await tryAgainAndAgain(await begin(false), killed, (count) => (count < 8 ? 1 : 0));
  expect([tries, ended]).toEqual([11, expect.objectContaining({ state: "failed", message: givenUp })]);
});
