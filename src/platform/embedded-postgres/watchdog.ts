// The server ends with the last process that uses it, however that one ends (kill -9 too), and not before: a command
// that started it may be done while another still works. Each user holds the writing end of a named pipe; a watchdog, a
// shell that is nobody's child for long, reads from it until its end, which comes when the last holder is no more.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";
import type { Places } from "./places.ts";
import type { ServerUser } from "./server-user.ts";

export type ServerUse = {
  /** Makes sure that there is a watchdog: it may have been killed, or have been about to end when this use began. */
  renew: () => void;
  /** True when nobody uses the server any more. */
  end: () => boolean;
};

// $1: the data folder. SIGINT is PostgreSQL's fast shutdown. A server that is just recovering from a crash of one of its
// processes hangs in it for ever (in PostgreSQL 18 the processes that write and checkpoint are never told to end), and
// would keep every later start waiting: after ten seconds it is ended at once (SIGQUIT), and recovers at its next start.
// Where the system tells what a process is, one that got the server's id since is left alone. The pipe is let go of before
// all that: who comes now must see that nobody reads any more, and start a watchdog of its own.
const script = `cat >/dev/null
exec </dev/null
read -r pid < "$1/postmaster.pid" || exit 0
is_server() {
  if [ -r /proc/self/cmdline ]; then tr '\\0' '\\n' < "/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$1"
  else kill -0 "$pid" 2>/dev/null; fi
}
is_server "$1" && kill -INT "$pid"
for second in 1 2 3 4 5 6 7 8 9 10; do is_server "$1" || exit 0; sleep 1; done
is_server "$1" && kill -QUIT "$pid"`;

/** To be called before the server is started, so that there is no moment in which it would be left alone. */
export function beginServerUse(places: Places): ServerUse {
  const pipe = join(places.socket, "users");
  makePipe(pipe, places.user);
  let holding = takeHold(pipe, places);
  return {
    renew() {
      try {
        makePipe(pipe, places.user);
        const next = takeHold(pipe, places);
        closeSync(holding);
        holding = next;
      } catch {
        // The folder is gone, or nothing can be opened just now: what is held is held, and this is tried again.
      }
    },
    end() {
      const reading = existsSync(pipe) ? openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK) : undefined;
      closeSync(holding);
      if (reading === undefined) return true;
      try {
        // The end of the pipe: nobody else holds it.
        return readSync(reading, Buffer.alloc(1)) === 0;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
        throw error;
      } finally {
        closeSync(reading);
      }
    },
  };
}

function makePipe(pipe: string, user: ServerUser): void {
  if (existsSync(pipe)) return;
  const made = spawnSync("/bin/sh", ["-c", 'mkfifo -m 600 "$1" || [ -p "$1" ]', "mkfifo", pipe], {
    encoding: "utf8",
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  if (made.status !== 0)
    throw new DatabaseStartError(`${pipe} could not be made: ${made.error?.message ?? made.stderr}`);
}

/** The writing end of the pipe, read by a watchdog. */
function takeHold(pipe: string, places: Places): number {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    // Nobody reads.
    if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw error;
  }
  // Open for both, so that opening the ends one by one does not wait.
  const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const writing = openSync(pipe, constants.O_WRONLY);
  const reading = openSync(pipe, constants.O_RDONLY);
  startWatchdog(reading, places);
  closeSync(reading);
  closeSync(both);
  return writing;
}

function startWatchdog(reading: number, { data, user }: Places): void {
  const child = spawn("/bin/sh", ["-c", script, "plumbline-watchdog", data], {
    cwd: "/",
    // A session of its own: what ends us at the terminal must not end it.
    detached: true,
    stdio: [reading, "ignore", "ignore"],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  child.on("error", () => {});
  child.unref();
}
