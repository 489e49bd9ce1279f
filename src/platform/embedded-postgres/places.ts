// Where the server's data and socket lie.
import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";
import { claimElsewhere, findElsewhere, sharedFolder } from "./elsewhere.ts";
import { canReach, findServerUser, findUserName, type ServerUser } from "./server-user.ts";

export type Places = {
  /** PostgreSQL's data directory. */
  data: string;
  /** Folder of the Unix socket; nobody but the server's user (and root) can enter it. */
  socket: string;
  /** Where a copy of the programs may be put. */
  programs: string;
  user: ServerUser;
};

/** A socket's path may have 107 bytes, and PostgreSQL adds its own name. */
const longestSocketFolder = 85;
/** The same for every process, whatever its environment says about temporary files. */
const shortFolder = "/tmp";

/** Makes the folders that are missing. Throws DatabaseStartError with what to do where one cannot be used. */
export function preparePlaces(dataDir: string): Places {
  makeFolder(resolve(dataDir), "DATA_DIR");
  const asked = realpathSync(dataDir);
  const { home, user } = findHome(asked);
  const inside = join(home, "postgres-socket");
  const socket =
    Buffer.byteLength(inside) <= longestSocketFolder
      ? inside
      : join(shortFolder, `plumbline-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`);
  makePrivateFolder(socket, user);
  return { data: join(home, "postgres"), socket, programs: user ? sharedFolder : join(asked, "programs"), user };
}

/** The asked folder, unless the server's user cannot enter it (it is below somebody's private home). */
function findHome(asked: string): { home: string; user: ServerUser } {
  const inside = join(asked, "postgres");
  const known = existsSync(inside) ? undefined : findElsewhere(asked);
  const user = findServerUser(known ? join(known, "postgres") : inside);
  if (!user) refuseOthersData(known ? join(known, "postgres") : inside);
  if (!known && canReach(user, inside)) return { home: asked, user };
  if (existsSync(join(inside, "PG_VERSION"))) {
    throw new DatabaseStartError(
      `The database in ${inside} belongs to the user ${user?.name}, who cannot enter that folder any more: let others pass the folders above it (chmod o+x).`,
    );
  }
  const home = claimElsewhere(asked, user);
  makeFolder(home, "the database's folder");
  chmodSync(home, 0o755);
  if (user) chownSync(home, user.uid, user.gid);
  return { home, user };
}

/** Whoever is not root can only run a database of their own. */
function refuseOthersData(data: string): void {
  const owner = statSync(data, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || process.getuid === undefined || owner === process.getuid()) return;
  throw new DatabaseStartError(
    `The database in ${data} belongs to the user ${findUserName(owner)}: start Plumbline as that user or as root, or set DATA_DIR to another folder.`,
  );
}

function makeFolder(folder: string, what: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.probe-${process.pid}`);
    mkdirSync(probe);
    // Removed by the same name at once; it only proves that the folder can be written.
    rmdirSync(probe);
  } catch (error) {
    throw new DatabaseStartError(describeFolderError(folder, what, findCause(folder, error as NodeJS.ErrnoException)), {
      cause: error,
    });
  }
}

/** Making a folder with those above it says ENOENT for whatever is wrong above. */
function findCause(folder: string, error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  if (error.code !== "ENOENT") return error;
  let above = dirname(folder);
  while (!existsSync(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return error;
  } catch (cause) {
    return cause as NodeJS.ErrnoException;
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
