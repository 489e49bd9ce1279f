import type { Command } from "commander";
import { discardHeld } from "../pipeline/inbox/deliveries-table.ts";
import { replayDeliveries } from "../pipeline/inbox/replay-deliveries.ts";
import { getConnection, listConnections } from "../settings/connection-queries.ts";
import { changeConnection, createConnection, rotateConnection } from "../settings/connections.ts";
import { formatTable, parseWholeNumber, print, withDatabase } from "./command.ts";

export function addConnectionCommand(program: Command): void {
  const connection = program
    .command("connection")
    .description("connections to Pendo: webhook addresses, secrets, on and off");

  connection
    .command("create")
    .description("make a connection; its webhook address is shown here and never again")
    .requiredOption("--name <name>", "what people call it")
    .option("--secret <secret>", "the webhook's secret: from then on every request must be signed with it")
    .option("--workspace <id>", "the workspace (default: the first one)")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ settings }) => {
        const created = await createConnection(settings(), {
          name: options.name,
          secret: options.secret,
          workspaceId: options.workspace,
        });
        print(created, options, ({ id, url, secret }) =>
          [
            `Connection ${id}`,
            `Webhook address: ${url}`,
            "Keep the address: it is not shown again. In Pendo: Settings → Integrations → Webhooks → Add Webhook, type URL.",
            ...(secret ? [] : ["No secret is set: anybody who knows the address can send to it."]),
          ].join("\n"),
        );
      }),
    );

  connection
    .command("list")
    .description("list the connections")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database }) => {
        const connections = await listConnections(database.pool);
        print(connections, options, (all) =>
          formatTable(
            all.map(({ id, name, state, missingRecords, secrets, held, lastDeliveryAt }) => ({
              id,
              name,
              state,
              missingRecords,
              secrets,
              held,
              lastDeliveryAt,
            })),
            "There are no connections yet; `plumbline connection create --name …` makes one.",
          ),
        );
      }),
    );

  connection
    .command("rotate <id>")
    .description("make a new address (and, with --secret, a new secret); the old one goes on working for a while")
    .option("--secret <secret>", "a new secret")
    .option("--remove-secret", "ask for no signature any more", false)
    .option("--keep-address", "change only the secret", false)
    .option("--grace <minutes>", "how long the old address and secret go on working", parseWholeNumber, 24 * 60)
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ settings }) => {
        const rotated = await rotateConnection(settings(), {
          connectionId: id,
          address: !options.keepAddress,
          secret: options.secret,
          removeSecret: options.removeSecret,
          graceMinutes: options.grace,
        });
        print(rotated, options, ({ url, oldWorksUntil }) =>
          [...(url ? [`New webhook address: ${url}`] : []), `What it replaces works until ${oldWorksUntil}.`].join(
            "\n",
          ),
        );
      }),
    );

  connection
    .command("on <id>")
    .description("record what arrives; says how many deliveries are held from the time it was off")
    .option("--held <what>", "process or discard what was held (default: leave it held)")
    .option("--json", "print one JSON document")
    .action((id, options) => switchConnection(id, true, options));

  connection
    .command("off <id>")
    .description("keep what arrives as held, record nothing")
    .option("--json", "print one JSON document")
    .action((id, options) => switchConnection(id, false, options));

  connection
    .command("set <id>")
    .description("change how a connection treats what arrives")
    .option("--missing <what>", "create or link: what happens to ids without a record")
    .option("--filter-kinds <kinds>", "kinds that are kept but not recorded, with commas; empty for none")
    .option("--record-kinds <kinds>", "unknown kinds that are recorded as plain events, with commas; empty for none")
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async ({ database }) => {
        if (options.missing !== undefined && !["create", "link"].includes(options.missing))
          throw new Error("--missing takes create or link.");
        await changeConnection({ database: database.pool }, id, {
          ...(options.missing !== undefined && { missingRecords: options.missing }),
          ...(options.filterKinds !== undefined && { filteredKinds: splitList(options.filterKinds) }),
          ...(options.recordKinds !== undefined && { recordedKinds: splitList(options.recordKinds) }),
        });
        const [changed] = await listConnections(database.pool, id);
        print(changed!, options, (one) =>
          formatTable(
            [
              {
                id: one.id,
                name: one.name,
                missingRecords: one.missingRecords,
                filteredKinds: one.filteredKinds,
                recordedKinds: one.recordedKinds,
              },
            ],
            "",
          ),
        );
      }),
    );
}

function switchConnection(id: string, isOn: boolean, options: { held?: string; json?: boolean }): Promise<void> {
  return withDatabase(async ({ database }) => {
    if (options.held !== undefined && !["process", "discard"].includes(options.held))
      throw new Error("--held takes process or discard.");
    const { workspaceId } = await getConnection(database.pool, id);
    await changeConnection({ database: database.pool }, id, { isOn });
    if (options.held === "discard") await discardHeld(database.pool, workspaceId, id, new Date());
    if (options.held === "process")
      await replayDeliveries(database.pool, { connection: id, state: "held" }, { recheckSignature: async () => false });
    const [connection] = await listConnections(database.pool, id);
    print(connection!, options, ({ name, state, held }) => {
      const hint =
        isOn && held > 0
          ? ` ${held} deliveries are held: --held process records them, --held discard gives them up.`
          : "";
      return `${name} is ${state}.${hint}`;
    });
  });
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
