import type { Command } from "commander";
import { startApp } from "../app.ts";
import { allRoles, type Role, readConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import { introduce } from "./introduce.ts";

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("run Plumbline: the door, the worker, the API and the timetable, or some of them")
    .option("--roles <roles>", `with commas: ${allRoles.join(", ")} (default: all)`)
    .option("--quiet", "print no addresses and no link to the first administrator's page, only log lines")
    .action((options) => start(parseRoles(options.roles), options.quiet === true));
}

function parseRoles(text: string | undefined): readonly Role[] {
  if (text === undefined) return allRoles;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !allRoles.some((role) => role === name));
  if (unknown.length > 0)
    throw new Error(`--roles knows ${allRoles.join(", ")}, not ${unknown.map((name) => `"${name}"`).join(", ")}.`);
  return allRoles.filter((role) => names.includes(role));
}

const longestStop = 20_000;

async function start(roles: readonly Role[], isQuiet: boolean): Promise<void> {
  const begin = performance.now();
  const config = readConfig();
  const log = createLog({ format: config.logFormat, level: config.logLevel });
  const stopAsked = waitForSignal();
  process.on("unhandledRejection", (reason) =>
    log.error({ error: reason instanceof Error ? reason.stack : String(reason) }, "a rejection that nobody handled"),
  );

  const app = await startApp({ config, log, roles });
  const address = app.address ? config.publicUrl : undefined;
  log.info(
    { roles, address, database: app.database.description, readyInMs: Math.round(performance.now() - begin) },
    "Plumbline is ready",
  );
  await introduce({ app, config, roles, isQuiet }).catch((error) =>
    log.warn({ error: (error as Error).message }, "the database went away before the first connection could be made"),
  );

  const signal = await stopAsked;
  log.info({ signal }, "stopping: finishing what was begun");
  setTimeout(() => process.exit(1), longestStop).unref();
  await app.stop();
  log.info("stopped");
  process.exitCode = 0;
}

/** npm passes on the Ctrl-C that the terminal has sent to us already: the second of a pair means nothing. */
const signalsOfOnePress = 1_000;

/**
 * Resolves when the process is asked to stop. Asked while it starts, it finishes the start, then stops in order; asked
 * once more by somebody who does not want to wait, it ends at once (nothing acknowledged is lost by that).
 */
function waitForSignal(): Promise<NodeJS.Signals> {
  let firstAt: number | undefined;
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > signalsOfOnePress) process.exit(1);
        resolve(name);
      });
    }
  });
}
