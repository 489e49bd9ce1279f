// The key that stored secrets are sealed with: given, or made once and kept beside the data.
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "./log.ts";

/** 32 bytes. Without a given key, the one in `<dataDir>/secret-key` is read, or made and announced. */
export function loadMasterKey(options: { given: Buffer | undefined; dataDir: string; log: Log }): Buffer {
  if (options.given) return options.given;
  const file = join(options.dataDir, "secret-key");
  mkdirSync(options.dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    // A link is made whole or not at all, and only once: of two processes that start together, one makes the key.
    linkSync(draft, file);
    options.log.warn(
      { file },
      "made a key for stored secrets: keep a copy of this file, a backup opens only with it (or set PLUMBLINE_SECRET_KEY)",
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const digits = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]{64}$/i.test(digits))
    throw new Error(
      `The file ${file} does not hold 64 hex digits; put the right key there, or set PLUMBLINE_SECRET_KEY.`,
    );
  return Buffer.from(digits, "hex");
}
