// What Pendo's ids mean here, on the command line.
import { type Command, Option } from "commander";
import type { Mapping } from "../pipeline/facts.ts";
import { type SavedMapping, saveMapping } from "../pipeline/save-mapping.ts";
import { type CommandContext, commandLine } from "./command.ts";
import { withPendo } from "./with-pendo.ts";

export function addMappingOptions(command: Command): Command {
  return command
    .option("--user-id-from <field>", "the metadata field that holds a user's external ID; visitorId: Pendo's own id")
    .option(
      "--account-id-from <field>",
      "the metadata field that holds an account's external ID; accountId: Pendo's own id",
    )
    .addOption(new Option("--level <level>", "what Pendo's account is here").choices(["account", "organization"]))
    .addOption(
      new Option(
        "--changed-identities <what>",
        "facts of somebody whose field changes at Pendo: leave them where they are, or move them",
      ).choices(["stay", "move"]),
    );
}

export function changeMapping(
  context: CommandContext,
  connectionId: string,
  change: Partial<Mapping>,
): Promise<SavedMapping> {
  const { database, settings } = context;
  return withPendo(context, (clients) =>
    saveMapping(
      { database: database.pool, clients, clock: settings().clock, author: commandLine },
      connectionId,
      change,
    ),
  );
}

/** `agent.email → user, accountId → organization` */
export function describeMapping({ userIdFrom, accountIdFrom, level }: Mapping): string {
  return `${userIdFrom ?? "visitorId"} → user, ${accountIdFrom ?? "accountId"} → ${level}`;
}

export function describeSavedMapping(
  connectionId: string,
  { isChanged, released, job, warnings }: SavedMapping,
): string[] {
  if (!isChanged) return warnings;
  return [
    ...warnings,
    ...(released > 0 ? [`Parked deliveries that go through once more: ${released}.`] : []),
    ...(job === null
      ? []
      : ["All visitors and accounts are read from Pendo now; what is not known yet waits for that."]),
    `What was recorded before stays where it is; \`plumbline match preview ${connectionId}\` says what matching it again would change.`,
  ];
}
