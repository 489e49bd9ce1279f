// A server that lives and will never be ready again. PostgreSQL 18 comes to that when another of its processes is killed
// while it recovers from the loss of one (a machine short of memory kills several): it does not notice, and tells
// everybody for ever that it recovers. Such a server is ended at once, so that it is started again and recovers anew.
//
// One that is slow must never be taken for one that hangs, or it would begin its recovery again and again. A server that
// recovers says so in its log every ten seconds.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { isServerAlive, readPid } from "./running-server.ts";

/** Takes what the server said when it was asked; true: it hung, and has been told to end. */
export type HangWatch = (answer: string) => boolean;

/** Long enough to write all shared buffers to a slow disk: the one thing of a recovery that says nothing. */
const longestSilence = 45_000;
const notReady = /shutting down|recovery mode|starting up|not yet accepting|timeout/i;

export function createHangWatch(dataFolder: string, silence = longestSilence): HangWatch {
  const hasSpoken = createLogReader(join(dataFolder, "server.log"));
  let silentSince: number | undefined;
  let signal: NodeJS.Signals = "SIGQUIT";

  return (answer) => {
    const now = performance.now();
    if (!notReady.test(answer)) {
      silentSince = undefined;
      signal = "SIGQUIT";
      return false;
    }
    if (hasSpoken() || silentSince === undefined) silentSince = now;
    if (now - silentSince < silence) return false;
    const pid = readPid(dataFolder);
    if (!isServerAlive(pid, dataFolder)) return false;
    process.kill(pid!, signal);
    // Frozen, it does not even hear that.
    signal = "SIGKILL";
    silentSince = now;
    return true;
  };
}

/** Whether the log has grown since the last look by more than refusals of connections. */
function createLogReader(file: string): () => boolean {
  let seen: number | undefined;
  return () => {
    try {
      const log = openSync(file, "r");
      const { size } = fstatSync(log);
      const from = seen;
      seen = size;
      const added = Buffer.alloc(from === undefined || size <= from ? 0 : size - from);
      readSync(log, added, 0, added.length, from ?? 0);
      closeSync(log);
      if (from === undefined || size < from) return true;
      return added
        .toString("utf8")
        .split("\n")
        .some((line) => line !== "" && !line.includes("FATAL:"));
    } catch {
      return false;
    }
  };
}
