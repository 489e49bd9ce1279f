// A Plumbline among several, which is killed and started again.
import type { ChildProcess } from "node:child_process";
import { type Home, startPlumbline } from "../../support/plumbline-process.ts";

/** A server that hangs is found out after 45 seconds. */
export const longestStart = 150_000;

export type Member = {
  roles: string;
  port: number;
  isReady: () => Promise<void>;
  /** SIGKILL; false when there is nothing to kill at the moment. */
  kill: () => boolean;
  end: () => Promise<void>;
  failedStarts: string[];
  problems: string[];
};

/** One Plumbline that is started again whenever it is gone, as a service manager would. */
export function createMember(home: Home, roles: string, port: number): Member {
  const failedStarts: string[] = [];
  const problems: string[] = [];
  let child: ChildProcess | undefined;
  let isEnding = false;
  let ready = createSignal();

  async function keepRunning(): Promise<void> {
    while (!isEnding) {
      let own: ChildProcess | undefined;
      const gone = createSignal();
      try {
        await startPlumbline(home, {
          roles,
          port,
          onSpawn(spawned) {
            own = spawned;
            child = spawned;
            spawned.once("exit", gone.give);
          },
        });
        ready.give();
        await gone.wait;
        ready = createSignal();
        if (own!.signalCode === null && !isEnding)
          problems.push(`ended by itself: ${roles} with exit code ${own!.exitCode}`);
      } catch (error) {
        if (own?.signalCode === null) failedStarts.push(readLastLine(error as Error));
      }
      child = undefined;
    }
  }

  const running = keepRunning();
  return {
    roles,
    port,
    async isReady() {
      const isLate = new Promise((_, reject) => {
        setTimeout(() => reject(new Error(`${roles} was not ready within ${longestStart} ms`)), longestStart).unref();
      });
      await Promise.race([ready.wait, isLate]);
    },
    kill() {
      return child !== undefined && child.exitCode === null && child.signalCode === null && child.kill("SIGKILL");
    },
    async end() {
      isEnding = true;
      child?.kill("SIGTERM");
      await running;
    },
    failedStarts,
    problems,
  };
}

function createSignal(): { wait: Promise<void>; give: () => void } {
  let give = () => {};
  const wait = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { wait, give };
}

function readLastLine(error: Error): string {
  return error.message.trimEnd().split("\n").at(-1) ?? "";
}
