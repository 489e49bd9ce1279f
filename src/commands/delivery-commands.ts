import { type Command, Option } from "commander";
import { noteReplay } from "../access/note-replay.ts";
import { recheckSignature } from "../pipeline/door/recheck-signature.ts";
import type { Made, MadeFact } from "../pipeline/facts.ts";
import { type DeliveryDetail, type DeliveryFilter, findDelivery } from "../pipeline/inbox/delivery-queries.ts";
import { type Ledger, readLedger } from "../pipeline/inbox/ledger-queries.ts";
import { replayDeliveries } from "../pipeline/inbox/replay-deliveries.ts";
import { deliveryStates, reasons } from "../pipeline/outcome.ts";
import type { RecordKind } from "../pipeline/records.ts";
import { findFact } from "../pipeline/use/facts-queries.ts";
import { findRecord } from "../pipeline/use/records-queries.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { getConnection } from "../settings/connection-queries.ts";
import { parseIdOf, parseTime } from "./arguments.ts";
import { cleanText, commandLine, formatTable, print, wakeWorkers, withDatabase } from "./command.ts";

const factLists = { event: "events", "nps-response": "npsResponses", "poll-response": "pollResponses" } as const;

export function addDeliveryCommands(program: Command): void {
  addShowCommand(program);
  addReplayCommand(program);
  addLedgerCommand(program);
}

function addShowCommand(program: Command): void {
  program
    .command("show")
    .description("what a delivery was, the steps it went through, what was made of it")
    .argument("<delivery>", "the delivery's id; the answer to a webhook names it", parseIdOf("a delivery"))
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database }) => {
        const delivery = await findDelivery(database.pool, id);
        if (!delivery) throw new Error(`There is no delivery ${id}.`);
        const records = await Promise.all(
          delivery.made.map(async (made) => ({
            ...made,
            record: (await findMade(database.pool, delivery.workspaceId, made)) ?? null,
          })),
        );
        print({ ...delivery, made: records }, options, describeDelivery);
      }),
    );
}

const recordLists = { organization: "organizations", account: "accounts", user: "users" } as const;

function findMade(db: Queryable, workspaceId: string, { type, id }: Made): Promise<object | undefined> {
  return type in factLists
    ? findFact(db, factLists[type as MadeFact], workspaceId, id)
    : findRecord(db, recordLists[type as RecordKind], workspaceId, id);
}

type ReplayOptions = DeliveryFilter & { all?: boolean; dryRun?: boolean; json?: boolean };

function addReplayCommand(program: Command): void {
  const states = deliveryStates.filter((state) => state !== "waiting");
  program
    .command("replay")
    .description("send kept deliveries through once more: one, or all that match; nothing is recorded twice")
    .argument("[delivery]", "the delivery's id", parseIdOf("a delivery"))
    .addOption(new Option("--state <state>", "only those in this state").choices(states))
    .addOption(new Option("--reason <reason>", "only those with this reason").choices(Object.keys(reasons)))
    .option("--kind <kind>", "only this kind of event")
    .option("--connection <id>", "only this connection", parseIdOf("a connection"))
    .option("--since <time>", "only those that arrived at or after this time", parseTime)
    .option("--until <time>", "only those that arrived before this time", parseTime)
    .option("--all", "everything that is kept, but what was refused")
    .option("--dry-run", "count, but change nothing")
    .option("--json", "print one JSON document")
    .action(async (id: string | undefined, options: ReplayOptions) => {
      const { all, dryRun = false, json: _json, ...filter } = options;
      if (id === undefined && !all && Object.keys(filter).length === 0)
        throw new Error("Name a delivery, a filter such as --state failed, or --all.");
      await withDatabase(async ({ database, settings }) => {
        if (filter.connection !== undefined) await getConnection(database.pool, filter.connection);
        const { secretBox, clock } = settings();
        // Nothing stops it on its way, so there is no place that it has reached.
        const { reached: _reached, ...replay } = await replayDeliveries(
          database.pool,
          { ...filter, id },
          {
            dryRun,
            note: noteReplay(commandLine, { ...filter, id }, clock),
            recheckSignature: (delivery) => recheckSignature(database.pool, secretBox, delivery, clock()),
            onProgress: (replayed) => process.stderr.isTTY && process.stderr.write(`\r${replayed} replayed\r`),
          },
        );
        await wakeWorkers(database.pool);
        if (id !== undefined && replay.matched === 0) await explainNoMatch(database.pool, id);
        print(replay, options, ({ matched, replayed, leftOut }) =>
          [
            `${replayed} of ${matched} deliveries ${dryRun ? "would go" : "go"} through once more.`,
            ...leftOut.map((one) => `left out ${one.id}: ${one.why}`),
          ].join("\n"),
        );
      });
    });
}

async function explainNoMatch(database: Queryable, id: string): Promise<never> {
  const delivery = await findDelivery(database, id);
  if (!delivery) throw new Error(`There is no delivery ${id}.`);
  if (delivery.state === "waiting") throw new Error(`Delivery ${id} waits already: it goes through by itself.`);
  throw new Error(`Delivery ${id} is ${delivery.state}; it does not match the filter.`);
}

function addLedgerCommand(program: Command): void {
  program
    .command("ledger")
    .description("what was received against what became of it; a difference means that something was lost")
    .option("--connection <id>", "only this connection", parseIdOf("a connection"))
    .option("--since <time>", "from this hour on", parseTime)
    .option("--until <time>", "before this hour", parseTime)
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        if (options.connection !== undefined) await getConnection(database.pool, options.connection);
        const ledger = await readLedger(database.pool, {
          ...(options.connection && { connectionId: options.connection }),
          ...(options.since && { since: new Date(options.since) }),
          ...(options.until && { until: new Date(options.until) }),
        });
        print(ledger, options, describeLedger);
      }),
    );
}

function describeLedger(ledger: Ledger): string {
  const { received, difference, ...states } = ledger;
  const lines = Object.entries(states).map(([state, count]) => ({ "": state, deliveries: count }));
  const verdict = difference === 0 ? "The ledger balances." : `DIFFERENCE ${difference}: deliveries are missing.`;
  return `${formatTable([{ "": "received", deliveries: received }, ...lines], "")}\n${verdict}`;
}

function describeDelivery(delivery: DeliveryDetail): string {
  return [
    `Delivery ${delivery.id}: ${delivery.state}${delivery.message ? ` – ${delivery.message}` : ""}`,
    formatTable(
      delivery.steps.map(({ step, at, result }) => ({ step, at, result })),
      "",
    ),
    ...delivery.steps
      .filter(({ result }) => result.length > 60)
      .map(({ step, result }) => cleanText(`${step}: ${result}`)),
    ...delivery.items.map(({ place, state, message }) => cleanText(`object ${place}: ${state} – ${message}`)),
    "",
    "What came:",
    delivery.headers ? JSON.stringify(delivery.headers) : "(headers deleted)",
    delivery.body ?? delivery.bodyBase64 ?? "(body deleted)",
    "",
    "What was made:",
    JSON.stringify(delivery.made, null, 2),
  ].join("\n");
}
