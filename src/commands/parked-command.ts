import { type Command, Option } from "commander";
import { noteReplay } from "../access/note-replay.ts";
import { findDelivery } from "../pipeline/inbox/delivery-queries.ts";
import { listParked, type ParkedGroup } from "../pipeline/inbox/parked-queries.ts";
import { replayDeliveries } from "../pipeline/inbox/replay-deliveries.ts";
import { reasons } from "../pipeline/outcome.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { getConnection } from "../settings/connection-queries.ts";
import { parseIdOf } from "./arguments.ts";
import { commandLine, formatTable, print, wakeWorkers, withDatabase } from "./command.ts";

export function addParkedCommand(program: Command): void {
  const parked = program
    .command("parked")
    .description("deliveries that could not be matched: why, how many, and trying them again");
  addListCommand(parked);
  addRetryCommand(parked);
}

function addListCommand(parked: Command): void {
  parked
    .command("list")
    .description("count what is parked, by connection and reason, with examples")
    .option("--connection <id>", "only this connection", parseIdOf("a connection"))
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        if (options.connection !== undefined) await getConnection(database.pool, options.connection);
        const groups = await listParked(database.pool, { connectionId: options.connection });
        print(groups, options, describeGroups);
      }),
    );
}

function describeGroups(groups: readonly ParkedGroup[]): string {
  if (groups.length === 0) return "Nothing is parked.";
  const table = groups.map(({ connectionName, reason, count, oldestAt, nextTryAt }) => ({
    connection: connectionName,
    reason,
    deliveries: count,
    oldest: oldestAt,
    "next try": nextTryAt,
  }));
  const words = groups.map(({ connectionName, reason, message, examples }) => [
    `${connectionName}, ${reason}: ${message}`,
    ...examples.map(({ deliveryId, detail }) => `  ${deliveryId} ${detail ?? ""}`.trimEnd()),
  ]);
  return [formatTable(table, ""), ...words.map((lines) => `\n${lines.map(clean).join("\n")}`)].join("\n");
}

/** Details carry ids from outside: they must not steer the terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

type RetryOptions = { reason?: string; connection?: string; all?: boolean; json?: boolean };

function addRetryCommand(parked: Command): void {
  parked
    .command("retry")
    .description("try parked deliveries again now: one, or all that match")
    .argument("[delivery]", "the delivery's id", parseIdOf("a delivery"))
    .addOption(new Option("--reason <reason>", "only those with this reason").choices(Object.keys(reasons)))
    .option("--connection <id>", "only this connection", parseIdOf("a connection"))
    .option("--all", "everything that is parked")
    .option("--json", "print one JSON document")
    .action(async (id: string | undefined, { all, json, ...filter }: RetryOptions) => {
      if (id === undefined && !all && Object.keys(filter).length === 0)
        throw new Error("Name a delivery, --reason, --connection, or --all.");
      await withDatabase(async ({ database }) => {
        if (filter.connection !== undefined) await getConnection(database.pool, filter.connection);
        const replay = await replayDeliveries(
          database.pool,
          { ...filter, id, state: "parked" },
          {
            recheckSignature: async () => false,
            note: noteReplay(commandLine, { ...filter, id, state: "parked" }, () => new Date()),
          },
        );
        await wakeWorkers(database.pool);
        if (id !== undefined && replay.matched === 0) await explainNoMatch(database.pool, id);
        const { matched, replayed, leftOut } = replay;
        print({ matched, retried: replayed, leftOut }, { ...(json && { json }) }, (one) =>
          [
            `${one.retried} of ${one.matched} parked deliveries are tried again.`,
            ...one.leftOut.map(({ id: left, why }) => `left out ${left}: ${why}`),
          ].join("\n"),
        );
      });
    });
}

async function explainNoMatch(database: Queryable, id: string): Promise<never> {
  const delivery = await findDelivery(database, id);
  if (!delivery) throw new Error(`There is no delivery ${id}.`);
  throw new Error(
    delivery.state === "parked"
      ? `Delivery ${id} is parked for another reason, or of another connection.`
      : `Delivery ${id} is not parked: it is ${delivery.state}.`,
  );
}
