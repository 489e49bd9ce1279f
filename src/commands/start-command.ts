import type { Command } from "commander";
import { startApp } from "../app.ts";
import { allRoles, type Role, readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import { listConnections } from "../settings/connection-queries.ts";
import { createConnection } from "../settings/connections.ts";

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("run Plumbline: the door, the worker, the API and the timetable, or some of them")
    .option("--roles <roles>", `with commas: ${allRoles.join(", ")} (default: all)`)
    .action((options) => start(parseRoles(options.roles)));
}

function parseRoles(text: string | undefined): readonly Role[] {
  if (text === undefined) return allRoles;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !allRoles.some((role) => role === name));
  if (unknown.length > 0) throw new Error(`--roles knows ${allRoles.join(", ")}, not ${unknown.join(", ")}.`);
  return allRoles.filter((role) => names.includes(role));
}

async function start(roles: readonly Role[]): Promise<void> {
  const begin = performance.now();
  const config = readConfig();
  const log = createLog({ format: config.logFormat, level: config.logLevel });
  // Asked to stop while starting: it finishes the start, then stops in order.
  const stopAsked = new Promise<NodeJS.Signals>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  process.on("unhandledRejection", (reason) =>
    log.error({ error: reason instanceof Error ? reason.stack : String(reason) }, "a rejection that nobody handled"),
  );

  const app = await startApp({ config, log, roles });
  const address = app.address ? config.publicUrl : undefined;
  log.info(
    { roles, address, database: app.database.description, readyInMs: Math.round(performance.now() - begin) },
    "Plumbline is ready",
  );
  if (address)
    process.stdout.write(`Plumbline is ready: API ${address}/api/v1 (its document: ${address}/api/v1/openapi.json)\n`);
  if (roles.includes("door")) await introduce(app, config.publicUrl);

  const signal = await stopAsked;
  log.info({ signal }, "stopping: finishing what was begun");
  const deadline = setTimeout(() => process.exit(1), 30_000);
  deadline.unref();
  await app.stop();
  log.info("stopped");
  process.exitCode = 0;
}

/** On the very first start a connection is made, so that there is an address to send to. */
async function introduce(app: Awaited<ReturnType<typeof startApp>>, publicUrl: string): Promise<void> {
  const connections = await listConnections(app.database.pool);
  if (connections.length > 0) {
    process.stdout.write(
      `${connections.length} ${connections.length === 1 ? "connection" : "connections"} to Pendo; \`npm run -s plumbline -- connection list\` shows them.\n`,
    );
    return;
  }
  const settings = { database: app.database.pool, secretBox: app.secretBox, publicUrl, clock: () => new Date() };
  const { url } = await createConnection(settings, { name: "Pendo" });
  process.stdout.write(`First webhook address (keep it, it is not shown again): ${url}\n`);
}
