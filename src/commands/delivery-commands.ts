import type { Command } from "commander";
import { recheckSignature } from "../pipeline/door/recheck-signature.ts";
import { type DeliveryDetail, type DeliveryFilter, findDelivery } from "../pipeline/inbox/delivery-queries.ts";
import { type Ledger, readLedger } from "../pipeline/inbox/ledger-queries.ts";
import { replayDeliveries } from "../pipeline/inbox/replay-deliveries.ts";
import { deliveryStates } from "../pipeline/outcome.ts";
import { findFact } from "../pipeline/use/facts-queries.ts";
import { formatTable, parseTime, print, withDatabase } from "./command.ts";

const factLists = { event: "events", "nps-response": "npsResponses", "poll-response": "pollResponses" } as const;

export function addDeliveryCommands(program: Command): void {
  program
    .command("show <delivery>")
    .description("what a delivery was, the steps it went through, what was made of it")
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database }) => {
        const delivery = await findDelivery(database.pool, id);
        if (!delivery) throw new Error(`There is no delivery ${id}.`);
        const records = await Promise.all(
          delivery.made.map(async (made) => ({
            ...made,
            record: (await findFact(database.pool, factLists[made.type], delivery.workspaceId, made.id)) ?? null,
          })),
        );
        print({ ...delivery, made: records }, options, describeDelivery);
      }),
    );

  program
    .command("replay [delivery]")
    .description("send kept deliveries through once more: one, or all that match; nothing is recorded twice")
    .option(
      "--state <state>",
      `only those in this state: ${deliveryStates.filter((state) => state !== "waiting").join(", ")}`,
    )
    .option("--reason <reason>", "only those with this reason")
    .option("--kind <kind>", "only this kind of event")
    .option("--connection <id>", "only this connection")
    .option("--since <time>", "only those that arrived at or after this time", parseTime)
    .option("--until <time>", "only those that arrived before this time", parseTime)
    .option("--all", "everything that is kept", false)
    .option("--dry-run", "count, but change nothing", false)
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database, settings }) => {
        const {
          all,
          dryRun,
          json: _json,
          ...filter
        } = options as DeliveryFilter & { all: boolean; dryRun: boolean; json?: boolean };
        if (filter.state !== undefined && !deliveryStates.some((state) => state === filter.state))
          throw new Error(`--state takes one of ${deliveryStates.join(", ")}.`);
        if (id === undefined && !all && Object.keys(filter).length === 0)
          throw new Error("Name a delivery, a filter such as --state failed, or --all.");
        const { secretBox, clock } = settings();
        const replay = await replayDeliveries(
          database.pool,
          { ...filter, id },
          {
            dryRun,
            recheckSignature: (delivery) => recheckSignature(database.pool, secretBox, delivery, clock()),
            onProgress: (replayed) => process.stderr.isTTY && process.stderr.write(`\r${replayed} replayed`),
          },
        );
        await database.pool.query("select pg_notify('plumbline_inbox', '')");
        if (id !== undefined && replay.matched === 0)
          throw new Error(`There is no delivery ${id} that could be replayed: it is unknown, or waits already.`);
        print(replay, options, ({ matched, replayed, leftOut }) =>
          [
            `${replayed} of ${matched} deliveries ${dryRun ? "would go" : "go"} through once more.`,
            ...leftOut.map((one) => `left out ${one.id}: ${one.why}`),
          ].join("\n"),
        );
      }),
    );

  program
    .command("ledger")
    .description("what was received against what became of it; a difference means that something was lost")
    .option("--connection <id>", "only this connection")
    .option("--since <time>", "from this hour on", parseTime)
    .option("--until <time>", "before this hour", parseTime)
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
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
    ...delivery.steps.filter(({ result }) => result.length > 60).map(({ step, result }) => `${step}: ${result}`),
    "",
    "What came:",
    delivery.headers ? JSON.stringify(delivery.headers) : "(headers deleted)",
    delivery.body ?? delivery.bodyBase64 ?? "(body deleted)",
    "",
    "What was made:",
    JSON.stringify(delivery.made, null, 2),
  ].join("\n");
}
