// PostgreSQL's data directory, made once.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { DatabaseStartError } from "./database-start-error.ts";
import type { Places } from "./places.ts";
import { isProcess } from "./running-server.ts";
import { serverEnvironment } from "./start-server.ts";

/**
 * Makes the data folder when there is none. It is made under another name: a start that is killed in the middle leaves
 * nothing that looks finished, and of two first starts at once one wins.
 */
export function prepareDataFolder(binaries: Binaries, places: Places): void {
  removeLeftDrafts(places.data);
  const found = existsSync(places.data) ? readdirSync(places.data) : [];
  if (found.includes("PG_VERSION")) {
    refuseOtherVersion(binaries, places.data);
    return;
  }
  if (found.length > 0)
    throw new DatabaseStartError(
      `${places.data} holds something, but no database: move it away, or set DATA_DIR to another folder.`,
    );
  const draft = `${places.data}.new-${process.pid}`;
  try {
    makeDatabase(binaries, places, draft);
    renameSync(draft, places.data);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(places.data, "PG_VERSION"))) throw error;
  }
}

function refuseOtherVersion({ majorVersion }: Binaries, dataFolder: string): void {
  const found = readFileSync(join(dataFolder, "PG_VERSION"), "utf8").trim();
  if (found === majorVersion) return;
  throw new DatabaseStartError(
    `The data in ${dataFolder} was made by PostgreSQL ${found}, but this version brings PostgreSQL ${majorVersion}. Start the version that made it, write a backup (plumbline backup <file>), start this version with an empty DATA_DIR, and restore it there (plumbline restore <file>).`,
  );
}

function makeDatabase({ initdb }: Binaries, { data, user }: Places, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
  const result = spawnSync(
    initdb,
    [
      "-D",
      folder,
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
  if (result.status === 0) return;
  const words = `${result.error?.message ?? ""}\n${result.stdout ?? ""}\n${result.stderr ?? ""}`
    .trim()
    .split("\n")
    .slice(-6)
    .join("\n");
  throw new DatabaseStartError(
    /no space left/i.test(words)
      ? `The disk is full: a new database needs about 100 MB below ${dirname(data)}.\n${words}`
      : `PostgreSQL could not make its data folder ${data}:\n${words}`,
  );
}

/** Drafts of processes that are no more. */
function removeLeftDrafts(dataFolder: string): void {
  const prefix = `${basename(dataFolder)}.new-`;
  for (const name of readdirSync(dirname(dataFolder))) {
    if (!name.startsWith(prefix) || isProcess(Number(name.slice(prefix.length)))) continue;
    rmSync(join(dirname(dataFolder), name), { recursive: true, force: true });
  }
}
