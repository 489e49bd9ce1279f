// Data that cannot lie in DATA_DIR, because the server's user cannot enter it. DATA_DIR then holds a pointer: it moves
// with the folder, and who deletes the folder begins with an empty database, as one would expect.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";
import type { ServerUser } from "./server-user.ts";

export const sharedFolder = "/var/lib/plumbline";
const pointerName = "POSTGRES_IS_ELSEWHERE.txt";
/** Beside the data: which DATA_DIR it belongs to. */
const ownerName = "data-dir.txt";

/** Where the pointer in DATA_DIR leads to. */
export function findElsewhere(dataDir: string): string | undefined {
  const pointer = join(dataDir, pointerName);
  return existsSync(pointer) ? /^Its data lies in (\/.+)$/m.exec(readFileSync(pointer, "utf8"))?.[1] : undefined;
}

/** The folder that belongs to this DATA_DIR; a new one when there is none yet. A copy of a DATA_DIR gets nothing. */
export function claimElsewhere(dataDir: string, user: ServerUser): string {
  try {
    const home = findElsewhere(dataDir) ?? pointElsewhere(dataDir, user);
    mkdirSync(home, { recursive: true });
    chmodSync(sharedFolder, 0o755);
    const ownerFile = join(home, ownerName);
    const owner = existsSync(ownerFile) ? readFileSync(ownerFile, "utf8").trim() : undefined;
    if (owner !== undefined && owner !== dataDir && findElsewhere(owner) === home) {
      throw new DatabaseStartError(
        `${dataDir} is a copy of ${owner}, whose database lies in ${home}: remove ${pointerName} and secret-key from the copy to begin with an empty database there.`,
      );
    }
    if (owner !== dataDir) writeFileSync(ownerFile, `${dataDir}\n`);
    return home;
  } catch (error) {
    if (error instanceof DatabaseStartError) throw error;
    throw new DatabaseStartError(
      `The user ${user?.name}, whom the database runs as, cannot enter ${dataDir}, and ${sharedFolder} cannot be used instead (${(error as Error).message}): set DATA_DIR to a folder that everybody may enter, such as /srv/plumbline.`,
      { cause: error },
    );
  }
}

function pointElsewhere(dataDir: string, user: ServerUser): string {
  const home = join(sharedFolder, randomBytes(8).toString("hex"));
  const pointer = join(dataDir, pointerName);
  const draft = `${pointer}.${process.pid}`;
  try {
    writeFileSync(
      draft,
      `The user ${user?.name}, whom the embedded PostgreSQL runs as, cannot enter this folder.\nIts data lies in ${home}\n`,
    );
    // A link is made whole or not at all: of two processes that start together, one makes the pointer.
    linkSync(draft, pointer);
    return home;
  } catch (error) {
    const made = findElsewhere(dataDir);
    if (made !== undefined) return made;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
