import { type Command, Option } from "commander";
import { noteReplay } from "../access/note-replay.ts";
import { pendoRegions } from "../pendo/client/regions.ts";
import { replayDeliveries } from "../pipeline/inbox/replay-deliveries.ts";
import { readMappingChange } from "../pipeline/save-mapping.ts";
import { giveUpHeld } from "../pipeline/send-through-again.ts";
import type { Database } from "../platform/database/pool.ts";
import { type Connection, getConnection, listConnections } from "../settings/connection-queries.ts";
import {
  type CreatedConnection,
  changeConnection,
  createConnection,
  rotateConnection,
} from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";
import {
  integrationKeyFileOption,
  integrationKeyOption,
  parseIdOf,
  parseList,
  parseName,
  parseWholeNumber,
  readSecret,
  secretFileOption,
  secretOption,
} from "./arguments.ts";
import { commandLine, findWorkspaceId, formatTable, print, wakeWorkers, withDatabase } from "./command.ts";
import { addTestCommand, adviseRegion, readPendoAccess } from "./connection-key.ts";
import { addMappingOptions, changeMapping, describeMapping, describeSavedMapping } from "./connection-mapping.ts";

export function addConnectionCommand(program: Command): void {
  const connection = program
    .command("connection")
    .description("connections: Pendo's webhooks and the Analytics API; addresses, tokens, secrets, on and off");
  addCreateCommand(connection);
  addListCommand(connection);
  addRotateCommand(connection);
  addSwitchCommands(connection);
  addSetCommand(connection);
  addTestCommand(connection);
}

function addCreateCommand(connection: Command): void {
  connection
    .command("create")
    .description(
      "make a connection; its webhook address or token is shown here, and to administrators on the connection's page",
    )
    .requiredOption("--name <name>", "what people call it", parseName)
    .addOption(
      new Option("--kind <kind>", "who sends: Pendo's webhooks, or a client of the Analytics API")
        .choices(["pendo", "analytics"])
        .default("pendo"),
    )
    .addOption(secretOption())
    .addOption(secretFileOption())
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .action(async (options) => {
      const secret = await readSecret(options);
      await withDatabase(async ({ database, settings }) => {
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const created = await createConnection(settings(), {
          name: options.name,
          kind: options.kind,
          secret,
          workspaceId,
        });
        print(created, options, describeCreated);
      });
    });
}

function describeCreated({ id, url, secret, token }: CreatedConnection): string {
  if (token !== null)
    return [
      `Connection ${id}`,
      `Analytics API: ${url}`,
      `Token: ${token}`,
      "Clients send it as `Authorization: Basic <token>`.",
    ].join("\n");
  return [
    `Connection ${id}`,
    `Webhook address: ${url}`,
    "In Pendo: Settings → Integrations → Webhooks → Add Webhook, type URL.",
    secret
      ? "Every request must be signed with the secret."
      : "No secret is set: anybody who knows the address can send to it.",
  ].join("\n");
}

function addListCommand(connection: Command): void {
  connection
    .command("list")
    .description("list the connections")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        const connections = await listConnections(database.pool);
        print(connections, options, (all) =>
          formatTable(
            all.map(({ id, name, kind, state, missingRecords, mapping, secrets, held, lastDeliveryAt }) => ({
              id,
              name,
              kind,
              state,
              missingRecords,
              matching: kind === "pendo" ? describeMapping(mapping) : "by external ID",
              secrets,
              held,
              lastDeliveryAt,
            })),
            "There are no connections yet; `plumbline connection create --name …` makes one.",
          ),
        );
      }),
    );
}

function addRotateCommand(connection: Command): void {
  connection
    .command("rotate")
    .description(
      "make a new address or token (and, with a secret, change that too); the old one goes on working for a while",
    )
    .argument("<id>", "the connection's id", parseIdOf("a connection"))
    .addOption(secretOption())
    .addOption(secretFileOption())
    .addOption(new Option("--remove-secret", "ask for no signature any more").conflicts(["secret", "secretFile"]))
    .option("--keep-address", "change only the secret")
    .option("--grace <minutes>", "how long the old address and secret go on working", parseWholeNumber, 24 * 60)
    .option("--json", "print one JSON document")
    .action(async (id, options) => {
      const secret = await readSecret(options);
      const removeSecret = options.removeSecret === true;
      if (options.keepAddress && secret === undefined && !removeSecret)
        throw new Error(
          "With --keep-address there must be something else to change: a new secret, or --remove-secret.",
        );
      await withDatabase(async ({ database, settings }) => {
        const [before] = await listConnections(database.pool, id);
        const rotated = await rotateConnection(settings(), {
          connectionId: id,
          address: !options.keepAddress,
          secret,
          removeSecret,
          graceMinutes: options.grace,
        });
        print(rotated, options, ({ url, token, oldWorksUntil }) =>
          [
            ...(token ? [`New token: ${token}`] : url ? [`New webhook address: ${url}`] : []),
            ...(secret ? [describeSecret(before !== undefined && before.secrets.length > 0)] : []),
            ...(removeSecret ? ["Signatures are not asked for any more."] : []),
            ...(oldWorksUntil === null ? [] : [`What is replaced works until ${oldWorksUntil}.`]),
          ].join("\n"),
        );
      });
    });
}

function describeSecret(isReplaced: boolean): string {
  return isReplaced
    ? "Every request must be signed with the new secret, or with one that it replaces."
    : "Every request must be signed with the secret.";
}

function addSwitchCommands(connection: Command): void {
  const held = (description: string, choices: string[]) => new Option("--held <what>", description).choices(choices);
  connection
    .command("on")
    .description("record what arrives; says how many deliveries are held from the time it was off")
    .argument("<id>", "the connection's id", parseIdOf("a connection"))
    .addOption(held("what becomes of those held (default: they stay held)", ["process", "discard"]))
    .option("--json", "print one JSON document")
    .action((id, options) => switchConnection(id, true, options));
  connection
    .command("off")
    .description("keep what arrives as held, record nothing")
    .argument("<id>", "the connection's id", parseIdOf("a connection"))
    .addOption(held("give up those that are held already", ["discard"]))
    .option("--json", "print one JSON document")
    .action((id, options) => switchConnection(id, false, options));
}

function switchConnection(id: string, isOn: boolean, options: { held?: string; json?: boolean }): Promise<void> {
  return withDatabase(async ({ database }) => {
    const { workspaceId } = await getConnection(database.pool, id);
    await changeConnection({ database: database.pool, clock: () => new Date(), author: commandLine }, id, { isOn });
    const discarded =
      options.held === "discard"
        ? await giveUpHeld(
            { database: database.pool, clock: () => new Date() },
            { workspaceId, connectionId: id, author: commandLine },
          )
        : undefined;
    const processed = options.held === "process" ? await processHeld(database.pool, id) : undefined;
    const [connection] = await listConnections(database.pool, id);
    print({ ...connection!, processed, discarded }, options, ({ name, state, held }) =>
      [
        `${name} is ${state}.`,
        ...(processed === undefined ? [] : [`Going through now: ${processed}.`]),
        ...(discarded === undefined ? [] : [`Given up: ${discarded}.`]),
        ...(isOn && held > 0 ? [`Held: ${held}; --held process records them, --held discard gives them up.`] : []),
      ].join(" "),
    );
  });
}

async function processHeld(database: Database, connection: string): Promise<number> {
  const held = { connection, state: "held" };
  const { replayed } = await replayDeliveries(database, held, {
    recheckSignature: async () => false,
    note: noteReplay(commandLine, held, () => new Date()),
  });
  await wakeWorkers(database);
  return replayed;
}

function addSetCommand(connection: Command): void {
  const set = connection
    .command("set")
    .description("change how a connection treats what arrives, whose it is, and how Pendo is asked")
    .argument("<id>", "the connection's id", parseIdOf("a connection"))
    .addOption(new Option("--missing <what>", "what happens to ids without a record").choices(["create", "link"]))
    .option(
      "--filter-kinds <kinds>",
      'kinds (of the Analytics API: types) that are not recorded, with commas; "" for none',
      parseList,
    )
    .option(
      "--record-kinds <kinds>",
      'unknown kinds that are recorded as plain events, with commas; "" for none',
      parseList,
    )
    .addOption(
      new Option("--anonymous <what>", "what becomes of what visitors do who are not signed in").choices([
        "record",
        "filter",
      ]),
    )
    .option("--name <name>", "what people call it", parseName)
    .addOption(integrationKeyOption())
    .addOption(integrationKeyFileOption())
    .option("--remove-integration-key", "take the integration key away")
    .addOption(new Option("--region <region>", "where Pendo keeps the subscription").choices(pendoRegions));
  addMappingOptions(set)
    .option("--json", "print one JSON document")
    .action(async (id, options) => {
      const change = readChange(options);
      const access = await readPendoAccess(options);
      const mapping = readMappingChange(options);
      const isGiven = (what: object) => Object.keys(what).length > 0;
      if (![change, access, mapping].some(isGiven))
        throw new Error(
          "There is nothing to change: say --missing, --filter-kinds, --record-kinds, --anonymous, --name, --integration-key, --region, --user-id-from, --account-id-from, --level or --changed-identities.",
        );
      await withDatabase(async (context) => {
        const { database, settings } = context;
        const { kind } = await getConnection(database.pool, id);
        if (kind === "analytics" && (isGiven(access) || isGiven(mapping)))
          throw new Error("The connection is of the Analytics API, which says itself whose everything is.");
        // The key first: a mapping by metadata needs it.
        if (isGiven(access)) await setPendoAccess(settings(), id, access);
        const saved = isGiven(mapping) ? await changeMapping(context, id, mapping) : undefined;
        if (isGiven(change)) await changeConnection(settings(), id, change);
        const [changed] = await listConnections(database.pool, id);
        const { warnings = [], released = 0, job = null } = saved ?? {};
        print({ ...changed!, warnings, released, reading: job?.id ?? null }, options, (one) =>
          [
            describeSettings(one, access.integrationKey ?? undefined),
            ...(saved ? describeSavedMapping(id, saved) : []),
          ].join("\n"),
        );
      });
    });
}

function readChange(options: {
  missing?: "create" | "link";
  filterKinds?: string[];
  recordKinds?: string[];
  anonymous?: "record" | "filter";
  name?: string;
  changedIdentities?: "stay" | "move";
}) {
  const { missing, filterKinds, recordKinds, anonymous, name, changedIdentities } = options;
  return {
    ...(anonymous !== undefined && { anonymousVisitors: anonymous }),
    ...(name !== undefined && { name }),
    ...(changedIdentities !== undefined && { changedIdentities }),
    ...(missing !== undefined && { missingRecords: missing }),
    ...(filterKinds !== undefined && { filteredKinds: filterKinds }),
    ...(recordKinds !== undefined && { recordedKinds: recordKinds }),
  };
}

function describeSettings(connection: Connection, newKey: string | undefined): string {
  const { id, name, missingRecords, filteredKinds, recordedKinds, region, integrationKey, mapping } = connection;
  const key = integrationKey === null ? null : `${integrationKey.key} (${integrationKey.state})`;
  const advice = newKey === undefined ? undefined : adviseRegion(newKey, region);
  return [
    formatTable([{ id, name, missingRecords, filteredKinds, recordedKinds, region, integrationKey: key }], ""),
    `${describeMapping(mapping)} (mapping ${mapping.version})`,
    ...(newKey === undefined ? [] : [`\`plumbline connection test ${id}\` asks Pendo whether it takes the key.`]),
    ...(advice === undefined ? [] : [advice]),
  ].join("\n");
}
