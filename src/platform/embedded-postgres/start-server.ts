// One server process: made ready, started, watched over until it answers.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { DatabaseStartError } from "./database-start-error.ts";
import type { Places } from "./places.ts";
import { askServer, type Connection, isServerAlive, readPid, removeStalePidFile } from "./running-server.ts";
import { serverSettings } from "./server-settings.ts";
import type { ServerUser } from "./server-user.ts";

export type ServerOptions = {
  binaries: Binaries;
  places: Places;
  user: ServerUser;
  connection: Connection;
  settings: Record<string, string>;
};

export type RunningServer = {
  pid: number /** Undefined: another process started it. */;
  child: ChildProcess | undefined;
};

const longestStart = 60_000;
const logLimit = 10 * 1024 * 1024;

/** Makes the data folder when there is none; a start that is killed in the middle leaves nothing that looks finished. */
export function prepareDataFolder({ binaries, places, user }: ServerOptions): void {
  if (existsSync(join(places.data, "PG_VERSION"))) {
    const found = readFileSync(join(places.data, "PG_VERSION"), "utf8").trim();
    if (found === binaries.majorVersion) return;
    throw new DatabaseStartError(
      `The data in ${places.data} was made by PostgreSQL ${found}, but this version brings PostgreSQL ${binaries.majorVersion}. Start the version that made it, write a backup (plumbline backup <file>), start this version with an empty DATA_DIR, and restore it there (plumbline restore <file>).`,
    );
  }
  const draft = `${places.data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  if (user) chownSync(draft, user.uid, user.gid);
  const result = spawnSync(
    binaries.initdb,
    [
      "-D",
      draft,
      "-U",
      "plumbline",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-instructions",
    ],
    { cwd: "/", encoding: "utf8", env: serverEnvironment, ...(user && { uid: user.uid, gid: user.gid }) },
  );
  if (result.status !== 0) {
    const words = `${result.error?.message ?? ""}\n${result.stdout ?? ""}\n${result.stderr ?? ""}`
      .trim()
      .split("\n")
      .slice(-6)
      .join("\n");
    rmSync(draft, { recursive: true, force: true });
    throw new DatabaseStartError(
      /no space left/i.test(words)
        ? `The disk is full: a new database needs about 100 MB below ${places.data}.\n${words}`
        : `PostgreSQL could not make its data folder ${places.data}:\n${words}`,
    );
  }
  renameSync(draft, places.data);
}

const serverEnvironment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Adopts the server that runs on the data folder, or starts one. Two that start at once: one wins, the other adopts. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { places, connection } = options;
  const until = Date.now() + longestStart;
  let own: ChildProcess | undefined;
  for (let wait = 10; ; wait = Math.min(100, wait * 1.3)) {
    const pid = readPid(places.data);
    const isAlive = isServerAlive(pid, places.data);
    if (isAlive && (await askServer(connection)) === "ready")
      return { pid: pid!, child: own?.pid === pid ? own : undefined };
    const hasEnded = own !== undefined && (own.exitCode !== null || own.signalCode !== null);
    if (!isAlive && (own === undefined || hasEnded)) {
      // A server that ended by itself says why in its log; some reasons pass (memory of a predecessor still in use).
      if (hasEnded) {
        refuseLastingTrouble(places);
        if (/lock file "postmaster.pid" already exists/.test(readLastWords(places))) removeStalePidFile(places.data);
      }
      own = spawnServer(options);
      if (hasEnded) wait = 200;
    }
    if (Date.now() > until)
      throw new DatabaseStartError(
        `PostgreSQL in ${places.data} did not come up within a minute. Its last words:\n${readLastWords(places)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function spawnServer({ binaries, places, user, connection, settings }: ServerOptions): ChildProcess {
  const logFile = join(places.data, "server.log");
  if (existsSync(logFile) && statSync(logFile).size > logLimit) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "a", 0o600);
  if (user) chownSync(logFile, user.uid, user.gid);
  chmodSync(logFile, 0o600);
  const all = { ...serverSettings, unix_socket_directories: places.socket, port: String(connection.port), ...settings };
  const child = spawn(
    binaries.postgres,
    ["-D", places.data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      cwd: places.data,
      // A session of its own: Ctrl-C at the terminal is for us, and we end the server when our work is done.
      detached: true,
      stdio: ["ignore", log, log],
      env: serverEnvironment,
      ...(user && { uid: user.uid, gid: user.gid }),
    },
  );
  child.on("error", () => {});
  child.unref();
  closeSync(log);
  return child;
}

const lastingTrouble: [RegExp, string][] = [
  [
    /No space left on device/i,
    "The disk is full: free some space, then start again; nothing that was acknowledged is lost.",
  ],
  [
    /Read-only file system/i,
    "The data folder is on a read-only file system: make it writable, or set DATA_DIR to another folder.",
  ],
  [
    /Permission denied/i,
    "The data folder, or a part of it, belongs to another user: start as the user who made it, or give it to the server's user.",
  ],
  [/database files are incompatible with server/i, "The data folder was made by another version of PostgreSQL."],
  [
    /could not locate a valid checkpoint record|PANIC/i,
    "The data folder is damaged: restore a backup into an empty DATA_DIR.",
  ],
  [/unrecognized configuration parameter|invalid value for parameter/i, "A setting of the server is not right."],
];

function refuseLastingTrouble(places: Places): void {
  const words = readLastWords(places);
  const trouble = lastingTrouble.find(([pattern]) => pattern.test(words));
  if (trouble) throw new DatabaseStartError(`${trouble[1]} PostgreSQL in ${places.data} says:\n${words}`);
}

function readLastWords(places: Places): string {
  try {
    return readFileSync(join(places.data, "server.log"), "utf8").trimEnd().split("\n").slice(-6).join("\n");
  } catch {
    return "(it has written no log)";
  }
}
