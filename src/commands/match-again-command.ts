// Looking at a mapping, applying it to what was recorded, and watching that, on the command line.

import { type Command, Option } from "commander";
import { writeAudit } from "../access/audit-log-table.ts";
import { type AppliedMapping, applyMapping, type MappingChange, matchMovedAgain } from "../pipeline/apply-mapping.ts";
import { createIdentifier } from "../pipeline/identify-wanted.ts";
import { cancelRunningJob, listJobs, type MatchJob } from "../pipeline/match/match-jobs-table.ts";
import type { Advice } from "../pipeline/match/preview/field-advice.ts";
import type { PeoplePreview } from "../pipeline/match/preview/staged-identities.ts";
import { createMatchAgain } from "../pipeline/match-again.ts";
import { type MappingPreview, previewMapping } from "../pipeline/preview-mapping.ts";
import { createReadIdentities, type ReadIdentitiesOptions } from "../pipeline/read-identities.ts";
import { createMatchJobRunner } from "../pipeline/run-match-jobs.ts";
import { readMappingChange } from "../pipeline/save-mapping.ts";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { getConnection, listConnections } from "../settings/connection-queries.ts";
import { parseIdOf } from "./arguments.ts";
import { type CommandContext, commandLine, formatTable, print, wakeWorkers, withDatabase } from "./command.ts";
import { describeMapping } from "./connection-mapping.ts";
import { followJob } from "./match-job.ts";
import { withPendo } from "./with-pendo.ts";

type Options = Parameters<typeof readMappingChange>[0] & {
  hierarchy?: "on" | "off";
  dryRun?: boolean;
  wait?: boolean;
  json?: boolean;
};

export function addMatchAgainCommands(match: Command): void {
  withMapping(match.command("preview"))
    .description(
      "say what a mapping would make of Pendo's visitors and accounts and of what was recorded; change nothing",
    )
    .action((id: string, options: Options) => withDatabase((context) => showPreview(context, id, options)));
  withMapping(match.command("apply"))
    .description(
      "match everything again that the connection has recorded, by its mapping or by another one that is saved",
    )
    .option("--dry-run", "say what would change, and change nothing")
    .option("--no-wait", "leave the work to a running Plumbline")
    .action((id: string, options: Options) =>
      withDatabase((context) =>
        options.dryRun ? showPreview(context, id, options) : applyAndShow(context, id, options),
      ),
    );
  match
    .command("cancel")
    .description("stop matching again; what is done stays, and applying any mapping begins anew")
    .argument("<connection>", "the connection's id", parseIdOf("a connection"))
    .option("--json", "print one JSON document")
    .action((id: string, options: Options) => withDatabase(({ database }) => cancel(database.pool, id, options)));
  match
    .command("status")
    .description("how far matching again and reading identities have come; the newest first")
    .argument("[connection]", "the connection's id", parseIdOf("a connection"))
    .option("--json", "print one JSON document")
    .action((id: string | undefined, options: Options) =>
      withDatabase(async ({ database }) => print(await listAllJobs(database.pool, id), options, describeJobs)),
    );
}

function withMapping(command: Command): Command {
  return command
    .argument("<connection>", "the connection's id", parseIdOf("a connection"))
    .option("--user-id-from <field>", "the metadata field that holds a user's external ID; visitorId: Pendo's own id")
    .option(
      "--account-id-from <field>",
      "the metadata field that holds an account's external ID; accountId: Pendo's own id",
    )
    .addOption(new Option("--level <level>", "what Pendo's account is here").choices(["account", "organization"]))
    .addOption(
      new Option("--hierarchy <state>", "organizations above accounts, in the whole workspace").choices(["on", "off"]),
    )
    .option("--json", "print one JSON document");
}

const readChange = (options: Options): MappingChange => ({
  ...readMappingChange(options),
  ...(options.hierarchy !== undefined && { hierarchy: options.hierarchy === "on" }),
});

async function showPreview(context: CommandContext, connectionId: string, options: Options): Promise<void> {
  let read = 0;
  const onRead = (count: number) => {
    read += count;
    if (process.stderr.isTTY) process.stderr.write(`\r${read} of Pendo's visitors and accounts read\r`);
  };
  const preview = await withPendo(context, (clients) =>
    previewMapping({ database: context.database.pool, clients, onRead }, connectionId, readChange(options)),
  );
  print(preview, options, describePreview);
}

async function applyAndShow(context: CommandContext, connectionId: string, options: Options): Promise<void> {
  const { pool: database } = context.database;
  const { clock } = context.settings();
  const { workspaceId } = await getConnection(database, connectionId);
  await withPendo(context, async (clients) => {
    const applied = await applyMapping(
      { database, clients, clock, author: commandLine },
      { workspaceId, connectionId },
      readChange(options),
    );
    if (options.wait === false) return print(applied, options, describeApplied);
    const onReleased = () => {};
    const log = context.log;
    const identifier = createIdentifier({ database, clients, log, clock, onReleased });
    const onMoved: ReadIdentitiesOptions["onMoved"] = (tx, { job }) => matchMovedAgain(tx, job, clock());
    const run = {
      "read-identities": createReadIdentities({ database, clients, clock, onReleased, onMoved }),
      "match-again": createMatchAgain({ database, clock, onReleased }),
    };
    const runner = createMatchJobRunner({ database, log, clock, run });
    try {
      const work = async (open: MatchJob) => {
        await runner.work(open);
        await identifier.settleAll();
      };
      const job = await followJob(database, applied.job, {
        work: () => workOnAll(database, applied.job, work),
        explainWait: (waiting) => explainWait(database, waiting),
      });
      await wakeWorkers(database);
      print({ ...applied, job }, options, describeApplied);
    } finally {
      await identifier.stop();
      await runner.stop();
    }
  });
}

/** All jobs of the connection, as matching again may have to wait for another one of them. */
async function workOnAll(database: Database, job: MatchJob, work: (job: MatchJob) => Promise<unknown>): Promise<void> {
  for (const open of await listJobs(database, job)) if (open.state === "running") await work(open);
}

/** It waits for answers of Pendo, and that is short unless Pendo cannot be asked. */
async function explainWait(database: Database, job: MatchJob): Promise<string | null> {
  const trouble = await findTrouble(database, job);
  return trouble && `${job.message} ${trouble}`;
}

/** Why Pendo could not be asked when that was tried last. */
async function findTrouble(db: Queryable, { workspaceId, connectionId }: MatchJob): Promise<string | null> {
  const { rows } = await db.query(
    'select asking_detail as "trouble" from connections where workspace_id = $1 and connection_id = $2',
    [workspaceId, connectionId],
  );
  return rows[0].trouble;
}

async function cancel(database: Database, connectionId: string, options: Options): Promise<void> {
  const { workspaceId } = await getConnection(database, connectionId);
  const of = { workspaceId, connectionId, kind: "match-again" } as const;
  const now = new Date();
  const cancelled = await inTransaction(database, async (tx) => {
    const isCancelled = await cancelRunningJob(tx, of, "It was cancelled by a person.", now);
    const subject = { type: "connection", id: connectionId };
    const line = { ...commandLine, workspaceId, action: "match-job.cancelled", subject } as const;
    if (isCancelled) await writeAudit(tx, line, now);
    return isCancelled;
  });
  print({ cancelled }, options, () =>
    cancelled
      ? "Cancelled: what is done stays; applying a mapping begins anew."
      : "Nothing is being matched again for this connection.",
  );
}

async function listAllJobs(database: Database, connectionId: string | undefined): Promise<MatchJob[]> {
  const connections = await listConnections(database, connectionId);
  if (connectionId !== undefined && connections.length === 0) await getConnection(database, connectionId);
  const jobs = await Promise.all(
    connections.map(({ id, workspaceId }) => listJobs(database, { workspaceId, connectionId: id })),
  );
  return jobs.flat();
}

function describeJobs(jobs: readonly MatchJob[]): string {
  return formatTable(
    jobs.map(({ connectionId, kind, state, step, done, total, startedAt, finishedAt, message }) => ({
      connection: connectionId,
      kind,
      state,
      step,
      done,
      of: total,
      started: startedAt,
      finished: finishedAt,
      message,
    })),
    "Nothing has been matched again yet, and no identities were read.",
  );
}

function describeApplied({ mapping, warnings, job }: AppliedMapping): string {
  const { moved = 0, removed = 0, removedMemberships = 0, removedUsers = 0, removedAccounts = 0 } = job.counts;
  return [
    ...warnings,
    `${describeMapping(mapping)}: ${job.state}${job.message === null ? "" : ` – ${job.message}`}`,
    `Looked at ${job.done}; moved ${moved}, parked until they can be matched ${removed}.`,
    `Removed: memberships ${removedMemberships}, users ${removedUsers}, accounts ${removedAccounts}, organizations ${job.counts.removedOrganizations ?? 0}.`,
  ].join("\n");
}

function describePreview(preview: MappingPreview): string {
  const { mapping, visitors, accounts, facts, records, fields, trouble } = preview;
  const would = preview.missingRecords === "create" ? "would be made" : "no record, parked";
  const people = (
    what: string,
    { known, linked, withoutRecord, noValue, nobody, unknown, collide }: PeoplePreview,
  ) => ({
    what,
    known,
    linked: linked.count,
    [would]: withoutRecord.count,
    "no value": noValue.count,
    nobody: nobody.count,
    "unknown to Pendo": unknown.count,
    "sharing an ID": collide.count,
  });
  return [
    describeMapping(mapping),
    ...(trouble === null ? [] : [trouble]),
    formatTable([people("visitors", visitors), people("accounts", accounts)], ""),
    "",
    formatTable(
      Object.entries(facts).map(([what, { total, move, park }]) => ({
        what,
        recorded: total,
        "would move": move,
        "would be parked": park,
      })),
      "",
    ),
    "",
    ...Object.entries(records).map(
      ([what, { created, removed }]) =>
        `${what}: ${created} would be made, ${removed.count} removed${removed.count > 0 ? `: ${removed.externalIds.slice(0, 10).join(", ")}` : ""}`,
    ),
    ...(fields === null
      ? []
      : ["", ...describeAdvice("visitors", fields.visitors), ...describeAdvice("accounts", fields.accounts)]),
  ].join("\n");
}

function describeAdvice(what: string, { fields, suggested, lookedAt }: Advice): string[] {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return [
    `Fields of ${lookedAt} ${what}; suggested: ${suggested ?? "none"}`,
    formatTable(
      fields.slice(0, 10).map(({ field, filled, distinct, matched, examples }) => ({
        field,
        filled: percent(filled),
        distinct: percent(distinct),
        matched: percent(matched),
        examples,
      })),
      "There are none.",
    ),
  ];
}
