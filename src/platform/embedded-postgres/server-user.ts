// Who the server runs as. PostgreSQL refuses to run as root; started by root, it runs as another user, who then must be
// able to reach its data and its programs.
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";

/** Undefined: the user of this process. */
export type ServerUser = { uid: number; gid: number; name: string } | undefined;

/**
 * Root hands the server to whoever owns the data already (so that a command by root works beside somebody's own
 * Plumbline), and new data to `postgres` or `nobody`.
 */
export function findServerUser(dataFolder: string): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: findUserName(owner.uid) };
  for (const name of ["postgres", "nobody"]) {
    const found = listUsers().find(([candidate]) => candidate === name);
    if (found) return { name, uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new DatabaseStartError(
    "PostgreSQL does not run as root, and there is neither a user postgres nor nobody: add one (useradd --system postgres), start Plumbline as another user, or set DATABASE_URL.",
  );
}

export function findUserName(uid: number): string {
  return listUsers().find(([, , found]) => found === String(uid))?.[0] ?? `number ${uid}`;
}

/** Lines of /etc/passwd: name, password, uid, gid … */
function listUsers(): string[][] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
}

/** Whether the user may go down to `path`: every folder above it must let them through. */
export function canReach(user: ServerUser, path: string): boolean {
  if (!user) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
