import type { Command } from "commander";
import { writeAudit } from "../access/audit-log-table.ts";
import { matchMovedAgain } from "../pipeline/apply-mapping.ts";
import { wakeWorkers } from "../pipeline/inbox/inbox-channel.ts";
import { type MatchJob, startJob } from "../pipeline/match/match-jobs-table.ts";
import { createReadIdentities, type ReadIdentitiesOptions } from "../pipeline/read-identities.ts";
import { createMatchJobRunner } from "../pipeline/run-match-jobs.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { listConnections } from "../settings/connection-queries.ts";
import { parseIdOf } from "./arguments.ts";
import { type CommandContext, commandLine, print, withDatabase } from "./command.ts";
import { addMatchAgainCommands } from "./match-again-command.ts";
import { followJob } from "./match-job.ts";
import { withPendo } from "./with-pendo.ts";

export function addMatchCommand(program: Command): void {
  const match = program.command("match").description("whose is it: what Pendo's visitors and accounts are called here");
  addMatchAgainCommands(match);
  addRefreshCommand(match);
}

function addRefreshCommand(match: Command): void {
  match
    .command("refresh")
    .description("read all visitors and accounts from Pendo now; it happens by itself once a day")
    .argument("<connection>", "the connection's id", parseIdOf("a connection"))
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async (context) => print(await refreshIdentities(context, id), options, describeReading)),
    );
}

async function refreshIdentities(context: CommandContext, connectionId: string): Promise<MatchJob> {
  const { settings, log } = context;
  const { pool: database } = context.database;
  const { clock } = settings();
  const [connection] = await listConnections(database, connectionId);
  if (!connection) throw new Error(`There is no connection ${connectionId}; \`plumbline connection list\` shows them.`);
  const { workspaceId, mapping } = connection;
  if (mapping.userIdFrom === null && mapping.accountIdFrom === null)
    throw new Error(
      "The connection goes by Pendo's own ids, so there is nothing to read: set --user-id-from or --account-id-from first.",
    );
  return withPendo(context, async (clients) => {
    const onMoved: ReadIdentitiesOptions["onMoved"] = (tx, { job: reading }) => matchMovedAgain(tx, reading, clock());
    const run = {
      "read-identities": createReadIdentities({ database, clients, clock, onReleased: () => {}, onMoved }),
    };
    const runner = createMatchJobRunner({ database, log, clock, run });
    const begun = { workspaceId, connectionId, kind: "read-identities", mappingVersion: mapping.version } as const;
    const job = await inTransaction(database, async (tx) => {
      const started = await startJob(tx, begun, clock());
      const subject = { type: "connection", id: connectionId };
      const after = { kind: begun.kind, job: started.id };
      const line = { ...commandLine, workspaceId, action: "match-job.started", subject, after } as const;
      await writeAudit(tx, line, clock());
      return started;
    });
    try {
      const done = await followJob(database, job, {
        work: () => runner.work(job),
        explainWait: async ({ message }) => message,
      });
      await wakeWorkers(database);
      return done;
    } finally {
      await runner.stop();
    }
  });
}

function describeReading({ state, message, counts }: MatchJob): string {
  if (state === "cancelled") return `The reading was cancelled. ${message ?? ""}`.trimEnd();
  const { read = 0, mapped = 0, noValue = 0, changed = 0, moved = 0, released = 0 } = counts;
  return [
    `Read: ${read}; with a value ${mapped}, without one ${noValue}.`,
    `New or changed: ${changed}, of which ${moved} were called something else before.`,
    ...(released > 0 ? [`Parked deliveries that go through once more: ${released}.`] : []),
  ].join("\n");
}
