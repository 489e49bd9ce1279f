// The files of the repository as they lie on the disk: also those not committed yet, without what .gitignore names.
// It does not ask git, so the check also works in an unpacked archive.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createGlob } from "./glob.ts";

export function listTree(root: string): string[] {
  const isIgnored = createIgnore(listIgnored(root));
  const listFolder = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === ".git" || isIgnored(path, entry.isDirectory())) return [];
      if (entry.isDirectory()) return listFolder(path);
      return entry.isFile() ? [path] : [];
    });
  return listFolder("").sort();
}

/** The patterns of .gitignore. */
export function listIgnored(root: string): string[] {
  return readFileSync(join(root, ".gitignore"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Understands of .gitignore what is used in it: names and paths, with * and **, of files and (ending in /) of folders. */
export function createIgnore(patterns: readonly string[]): (path: string, isFolder: boolean) => boolean {
  const rules = patterns.map((pattern) => {
    if (/^!|[[\]?\\]/.test(pattern)) throw new Error(`scripts/check/list-tree.ts does not understand ${pattern}`);
    const name = pattern.replace(/^\/|\/$/g, "");
    const isAnywhere = !/.\/./.test(pattern) && !pattern.startsWith("/");
    return { matches: createGlob(isAnywhere ? `**/${name}` : name), onlyFolders: pattern.endsWith("/") };
  });
  return (path, isFolder) => rules.some((rule) => (isFolder || !rule.onlyFolders) && rule.matches(path));
}
