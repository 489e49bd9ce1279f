// Ends the server when this process is gone without having ended it (kill -9): a shell that reads from a pipe until its
// end, which comes when the process that holds the other side is no more.
import { type ChildProcess, spawn } from "node:child_process";
import type { ServerUser } from "./server-user.ts";

// $1: process id of the server, $2: its data folder. SIGINT is PostgreSQL's fast shutdown. The id is compared with
// postmaster.pid, so that a process that got the same id since is left alone.
const script = `cat >/dev/null
read -r pid < "$2/postmaster.pid" 2>/dev/null && [ "$pid" = "$1" ] && kill -INT "$1"`;

export type Watchdog = {
  /** The server has ended, or has another guardian: nothing is to be done any more. */ dismiss: () => void;
};

export function startWatchdog(pid: number, dataFolder: string, user: ServerUser): Watchdog {
  const child: ChildProcess = spawn("/bin/sh", ["-c", script, "plumbline-watchdog", String(pid), dataFolder], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  child.unref();
  return {
    dismiss() {
      child.kill("SIGKILL");
      child.stdin?.destroy();
    },
  };
}
