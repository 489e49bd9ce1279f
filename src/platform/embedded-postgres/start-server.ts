// One server process: made ready, started, watched over until it answers.
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { DatabaseStartError } from "./database-start-error.ts";
import type { HangWatch } from "./hanging-server.ts";
import type { Places } from "./places.ts";
import { askServer, type Connection, isServerAlive, readPid, removeStaleLocks } from "./running-server.ts";
import { serverSettings } from "./server-settings.ts";

export type ServerOptions = {
  binaries: Binaries;
  places: Places;
  connection: Connection;
  settings: Record<string, string>;
  /** Whether nobody wants the server any more. */
  isGivenUp: () => boolean;
  endIfHanging: HangWatch;
};

export type RunningServer = {
  pid: number;
  /** Undefined: another process started it. */
  child: ChildProcess | undefined;
};

const longestStart = 60_000;
const logLimit = 10 * 1024 * 1024;
/** A segment of the write-ahead log. */
const leastSpace = 16 * 1024 * 1024;

/** Nothing of this process's environment reaches the server. */
export const serverEnvironment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Adopts the server that runs on the data folder, or starts one. Two that start at once: one wins, the other adopts. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { places, connection } = options;
  let until = Date.now() + longestStart;
  let own: Attempt | undefined;
  for (let wait = 10; ; wait = Math.min(100, wait * 1.3)) {
    const pid = readPid(places.data);
    const isAlive = isServerAlive(pid, places.data);
    if (isAlive) {
      const answer = await askServer(connection);
      if (answer === "ready") return { pid: pid!, child: own?.child.pid === pid ? own?.child : undefined };
      if (options.endIfHanging(answer)) until = Date.now() + longestStart;
    }
    const hasEnded = own !== undefined && (own.child.exitCode !== null || own.child.signalCode !== null);
    if (!isAlive && (own === undefined || hasEnded)) {
      // A server that ended by itself says why in its log; some reasons pass (memory of a predecessor still in use).
      if (own) refuseLastingTrouble(places, readLastWords(places, own.logStart));
      removeStaleLocks(places);
      own = spawnServer(options);
      if (hasEnded) wait = 200;
    }
    if (Date.now() > until || options.isGivenUp())
      throw new DatabaseStartError(
        `PostgreSQL in ${places.data} did not come up within a minute. Its last words:\n${readLastWords(places, own?.logStart ?? 0)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

type Attempt = {
  child: ChildProcess;
  /** Where in the log its own lines begin. */
  logStart: number;
};

function spawnServer({ binaries, places, connection, settings }: ServerOptions): Attempt {
  const { user } = places;
  const logFile = join(places.data, "server.log");
  if (existsSync(logFile) && statSync(logFile).size > logLimit) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "a", 0o600);
  const logStart = fstatSync(log).size;
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
  return { child, logStart };
}

const diskFull = "The disk is full: free some space, then start again; nothing that was acknowledged is lost.";

const lastingTrouble: [RegExp, string][] = [
  [/No space left on device/i, diskFull],
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

function refuseLastingTrouble(places: Places, words: string): void {
  // On a full disk there is no room for the words either.
  const trouble = isDiskFull(places.data) ? diskFull : lastingTrouble.find(([pattern]) => pattern.test(words))?.[1];
  if (trouble !== undefined) throw new DatabaseStartError(`${trouble} PostgreSQL in ${places.data} says:\n${words}`);
}

function isDiskFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < leastSpace;
}

function readLastWords(places: Places, from: number): string {
  try {
    const text = readFileSync(join(places.data, "server.log")).subarray(from).toString("utf8").trimEnd();
    if (text !== "") return text.split("\n").slice(-6).join("\n");
  } catch {
    // As good as an empty one.
  }
  return "(nothing in its log)";
}
