// The keys that stored secrets are sealed with: given, or made once and kept beside the data, one to a line. The first
// one seals; those behind it open what was sealed before.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "./log.ts";
import type { KeyRing } from "./secret-box.ts";

export type MasterKeys = KeyRing & {
  /** Puts a new key in front of those in the file; undefined where the keys are given, and only whoever gives them can. */
  addKey: (() => void) | undefined;
};

/** Without given keys, those in `<dataDir>/secret-key` are read, or one is made and announced. */
export function openMasterKeys(options: { given: readonly Buffer[]; dataDir: string; log: Log }): MasterKeys {
  const { given, dataDir, log } = options;
  if (given.length > 0) return { keys: () => given, reload: () => {}, addKey: undefined };
  const file = join(dataDir, "secret-key");
  makeFile(file, log);
  let keys = readKeys(file);
  const reload = () => {
    keys = readKeys(file);
  };
  return {
    keys: () => keys,
    reload,
    addKey() {
      reload();
      writeKeys(file, [randomBytes(32), ...keys]);
      reload();
    },
  };
}

function makeFile(file: string, log: Log): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    writeDraft(draft, [randomBytes(32)]);
    // A link is made whole or not at all, and only once: of two processes that start together, one makes the key.
    linkSync(draft, file);
    log.warn(
      { file },
      "made a key for stored secrets: keep a copy of this file, a backup opens only with it (or set PLUMBLINE_SECRET_KEY)",
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** On disk before anything is sealed with the first of them: a key that a power cut takes away takes the secrets along. */
function writeKeys(file: string, keys: readonly Buffer[]): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeDraft(draft, keys);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(file));
}

function writeDraft(draft: string, keys: readonly Buffer[]): void {
  writeFileSync(draft, keys.map((key) => `${key.toString("hex")}\n`).join(""), { mode: 0o600, flush: true });
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readKeys(file: string): Buffer[] {
  const lines = readFileSync(file, "utf8").trim().split(/\r?\n/);
  if (!lines.every((line) => /^[0-9a-f]{64}$/i.test(line)))
    throw new Error(
      `The file ${file} does not hold 64 hex digits; put the right key there, or set PLUMBLINE_SECRET_KEY.`,
    );
  return lines.map((line) => Buffer.from(line, "hex"));
}
