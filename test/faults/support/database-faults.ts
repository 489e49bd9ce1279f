// What can happen to a PostgreSQL, each as a pair: how it begins, and how it ends.
import { readdirSync, statfsSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabasePool } from "../../../src/platform/database/pool.ts";
import { findPostmaster, isAlive, listChildren, sendSignal } from "./postgres-processes.ts";

/** The server under attack. */
export type DatabaseServer = {
  dataDir: string;
  /** Connected to another database of the server, with one connection that was opened before. */
  admin: DatabasePool;
  stop: () => Promise<void>;
  start: () => Promise<void>;
};

export type DatabaseFault = {
  name: string;
  /** Nothing at all can be kept while it lasts: an acknowledgement in that time would be a lie. */
  isAway: boolean;
  /** Reading works all the same. */
  answersReads?: boolean;
  /** In milliseconds, where it must last a given time. */
  lastsMs?: number;
  /** Resolves when it is in force, to what ends it. */
  begin: (server: DatabaseServer) => Promise<() => Promise<void>>;
};

const nothing = async () => {};
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** For a server that somebody else starts: it stays away until the fault ends. */
export const externalFaults: readonly DatabaseFault[] = [
  {
    name: "stopped (fast shutdown)",
    isAway: true,
    async begin(server) {
      await server.stop();
      return server.start;
    },
  },
  {
    name: "killed (kill -9 of the postmaster)",
    isAway: true,
    async begin(server) {
      await killPostmaster(server.dataDir);
      return server.start;
    },
  },
  {
    name: "a backend killed (kill -9)",
    isAway: false,
    async begin({ dataDir, admin }) {
      const { rows } = await admin.query("select pid from pg_stat_activity where application_name = 'plumbline door'");
      sendSignal(rows[0]?.pid ?? listChildren(findPostmaster(dataDir)!)[0]!, "SIGKILL");
      return nothing;
    },
  },
  { name: "frozen (SIGSTOP)", isAway: true, begin: freeze },
  // The door gives a query up after 11 seconds, so this one is answered while the server still stands.
  { name: "frozen for longer than any time-out", isAway: true, lastsMs: 16_000, begin: freeze },
  {
    name: "connections cut again and again",
    isAway: false,
    async begin({ admin }) {
      let isOver = false;
      const cutting = (async () => {
        while (!isOver) {
          await cutConnections(admin);
          await pause(100);
        }
      })();
      return async () => {
        isOver = true;
        await cutting;
      };
    },
  },
  {
    name: "refusing connections (datallowconn)",
    isAway: true,
    async begin({ admin }) {
      await admin.query("alter database plumbline allow_connections false");
      await cutConnections(admin);
      return async () => void (await admin.query("alter database plumbline allow_connections true"));
    },
  },
  {
    name: "refusing to write (read-only)",
    isAway: true,
    answersReads: true,
    async begin({ admin }) {
      await setReadOnly(admin, "on");
      return () => setReadOnly(admin, "off");
    },
  },
];

/** For the embedded server, which Plumbline has to start again by itself. */
export const embeddedFaults: readonly DatabaseFault[] = [
  {
    name: "embedded, killed (kill -9 of the postmaster)",
    isAway: false,
    async begin({ dataDir }) {
      await killPostmaster(dataDir);
      return nothing;
    },
  },
  {
    name: "embedded, shut down by somebody (SIGINT)",
    isAway: false,
    async begin({ dataDir }) {
      sendSignal(findPostmaster(dataDir)!, "SIGINT");
      return nothing;
    },
  },
];

/** Needs a DATA_DIR on a small file system of its own (see mountSmallDisk in database-faults.ts). */
export const diskFull: DatabaseFault = {
  name: "embedded, the disk is full",
  isAway: false,
  async begin({ dataDir }) {
    const ballast = join(dataDir, "ballast");
    const fill = () => {
      try {
        const { bavail, bsize } = statfsSync(dataDir);
        if (bavail > 0) writeFileSync(`${ballast}-${readdirSync(dataDir).length}`, Buffer.alloc(bavail * bsize, 1));
      } catch {
        // The server was faster and took some of it.
      }
    };
    fill();
    // What the server gives back (a log that was recycled, a checkpoint) is taken as well.
    const refill = setInterval(fill, 100);
    return async () => {
      clearInterval(refill);
      const names = readdirSync(dataDir).filter((name) => name.startsWith("ballast"));
      await Promise.all(names.map((name) => rm(join(dataDir, name))));
    };
  },
};

async function killPostmaster(dataDir: string): Promise<void> {
  const postmaster = findPostmaster(dataDir)!;
  const children = listChildren(postmaster);
  sendSignal(postmaster, "SIGKILL");
  // Its children notice, and go by themselves.
  while (children.some(isAlive)) await pause(10);
}

async function freeze({ dataDir }: DatabaseServer): Promise<() => Promise<void>> {
  const postmaster = findPostmaster(dataDir)!;
  sendSignal(postmaster, "SIGSTOP");
  const all = [postmaster, ...listChildren(postmaster)];
  for (const pid of all) sendSignal(pid, "SIGSTOP");
  return async () => {
    for (const pid of all) sendSignal(pid, "SIGCONT");
  };
}

async function cutConnections(admin: DatabasePool): Promise<void> {
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'plumbline'");
}

async function setReadOnly(admin: DatabasePool, value: "on" | "off"): Promise<void> {
  const client = await admin.connect();
  await client.query("set default_transaction_read_only = off");
  await client.query(`alter system set default_transaction_read_only = ${value}`);
  await client.query("select pg_reload_conf()");
  client.release();
  // Each session takes it over at its next look; the longest of them sleep.
  await pause(300);
}
