// Where the server's data and socket lie.
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";
import { canReach, type ServerUser } from "./server-user.ts";

export type Places = {
  /** PostgreSQL's data directory. */
  data: string;
  /** Folder of the Unix socket; nobody but the server's user (and root) can enter it. */
  socket: string;
  /** Where a copy of the programs may be put. */
  programs: string;
};

const sharedFolder = "/var/lib/plumbline";
/** A socket's path may have 107 bytes, and PostgreSQL adds its own name. */
const longestSocketFolder = 85;

export function preparePlaces(dataDir: string, user: ServerUser): Places {
  const asked = resolve(dataDir);
  makeFolder(asked, "DATA_DIR");
  const home = canReach(user, join(asked, "postgres")) ? asked : moveToReach(asked, user);
  const inside = join(home, "postgres-socket");
  const socket =
    Buffer.byteLength(inside) <= longestSocketFolder
      ? inside
      : join(tmpdir(), `plumbline-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`);
  makePrivateFolder(socket, user);
  return { data: join(home, "postgres"), socket, programs: user ? sharedFolder : join(asked, "programs") };
}

/** The server's user cannot enter the asked folder (it is below somebody's private home): the data goes where they can. */
function moveToReach(asked: string, user: ServerUser): string {
  const home = join(sharedFolder, createHash("sha256").update(asked).digest("hex").slice(0, 16));
  makeFolder(home, "the database's folder");
  chmodSync(sharedFolder, 0o755);
  chmodSync(home, 0o755);
  if (user) chownSync(home, user.uid, user.gid);
  writeFileSync(
    join(asked, "POSTGRES_IS_ELSEWHERE.txt"),
    `The user ${user?.name}, whom the embedded PostgreSQL runs as, cannot enter this folder.\nIts data lies in ${home}\n`,
  );
  return home;
}

function makeFolder(folder: string, what: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.probe-${process.pid}`);
    mkdirSync(probe);
    // Removed by the same name at once; it only proves that the folder can be written.
    rmdirSync(probe);
  } catch (error) {
    throw new DatabaseStartError(describeFolderError(folder, what, error as NodeJS.ErrnoException), { cause: error });
  }
}

function describeFolderError(folder: string, what: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOSPC")
    return `The disk is full: free some space below ${folder}, or set DATA_DIR to a folder on another disk.`;
  if (error.code === "EROFS")
    return `${folder} (${what}) is on a read-only file system: set DATA_DIR to a folder that can be written.`;
  if (error.code === "EACCES" || error.code === "EPERM")
    return `${folder} (${what}) cannot be written by this user: change its owner, or set DATA_DIR to another folder.`;
  if (error.code === "ENOTDIR" || error.code === "EEXIST")
    return `${folder} (${what}) is not a folder: set DATA_DIR to another one.`;
  return `${folder} (${what}) cannot be used: ${error.message}`;
}

function makePrivateFolder(folder: string, user: ServerUser): void {
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  const owner = user?.uid ?? process.getuid?.() ?? 0;
  const found = lstatSync(folder);
  if (!found.isDirectory() || (found.uid !== owner && found.uid !== process.getuid?.())) {
    throw new DatabaseStartError(
      `${folder}, where the database's socket belongs, is not this user's own folder: remove it and start again.`,
    );
  }
  if (user) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}
