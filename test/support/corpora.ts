// Strange and hostile input from outside, where it lies: CORPORA_DIR, or beside the checkout. Tests that use it are
// skipped, with a line that says so, where it is missing.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/platform/package-root.ts";

const folder = process.env.CORPORA_DIR ?? join(packageRoot, "../shared/corpora");

/** Whether a corpus is there; says so when it is not. */
export function hasCorpus(name: string): boolean {
  if (existsSync(join(folder, name))) return true;
  console.info(`The corpus ${name} is not in ${folder} (CORPORA_DIR): its tests are left out.`);
  return false;
}

export function readCorpusFile(path: string): Buffer {
  return readFileSync(join(folder, path));
}

export type Document = { name: string; body: Buffer };

/** The files of a folder of documents. */
export function listDocuments(path: string): Document[] {
  return readdirSync(join(folder, path)).map((name) => ({ name, body: readFileSync(join(folder, path, name)) }));
}

export function listNaughtyStrings(): string[] {
  return JSON.parse(readCorpusFile("naughty-strings/blns.json").toString("utf8"));
}
