import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadMasterKey } from "./master-key.ts";

let dataDir: string;
let lines: string[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  lines = [];
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const log = pino(
  new Writable({
    write(line, _encoding, done) {
      lines.push(line.toString());
      done();
    },
  }),
);

test("a given key is used, and nothing is written", () => {
  const given = randomBytes(32);
  expect(loadMasterKey({ given, dataDir, log })).toBe(given);
  expect(readdirSync(dataDir)).toEqual([]);
});

test("without one a key is made once, kept for its owner only, and announced without being shown", () => {
  const folder = join(dataDir, "not", "there", "yet");
  const key = loadMasterKey({ given: undefined, dataDir: folder, log });
  expect(key).toHaveLength(32);
  expect(readdirSync(folder)).toEqual(["secret-key"]);
  expect(statSync(join(folder, "secret-key")).mode & 0o777).toBe(0o600);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("secret-key");
  expect(lines[0]).not.toContain(key.toString("hex"));
  expect(loadMasterKey({ given: undefined, dataDir: folder, log })).toEqual(key);
  expect(lines).toHaveLength(1);
});

test("two places have two keys", () => {
  const [one, other] = ["one", "other"].map((name) =>
    loadMasterKey({ given: undefined, dataDir: join(dataDir, name), log }),
  );
  expect(one!.equals(other!)).toBe(false);
});

test.each(["", "secret", "00".repeat(31), `${"00".repeat(32)}zz`, `${"00".repeat(32)} 00`, "zz".repeat(32)])(
  "a file that holds %j is no key: it is named, and left alone",
  (text) => {
    const file = join(dataDir, "secret-key");
    writeFileSync(file, text);
    expect(() => loadMasterKey({ given: undefined, dataDir, log })).toThrow(file);
    expect(() => loadMasterKey({ given: undefined, dataDir, log })).toThrow(/64 hex digits.*PLUMBLINE_SECRET_KEY/);
    expect(readFileSync(file, "utf8")).toBe(text);
  },
);
