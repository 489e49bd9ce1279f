import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMasterKeys } from "./master-keys.ts";

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

const open = (given: readonly Buffer[] = [], folder = dataDir) => openMasterKeys({ given, dataDir: folder, log });

test("given keys are used in their order, and nothing is written", () => {
  const given = [randomBytes(32), randomBytes(32)];
  const opened = open(given);
  opened.reload();
  expect(opened.keys()).toEqual(given);
  expect(opened.addKey).toBe(undefined);
  expect(readdirSync(dataDir)).toEqual([]);
});

test("without one a key is made once, kept for its owner only, and announced without being shown", () => {
  const folder = join(dataDir, "not", "there", "yet");
  const [key, ...more] = open([], folder).keys();
  expect(more).toEqual([]);
  expect(key).toHaveLength(32);
  expect(readdirSync(folder)).toEqual(["secret-key"]);
  expect(statSync(join(folder, "secret-key")).mode & 0o777).toBe(0o600);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("secret-key");
  expect(lines[0]).not.toContain(key!.toString("hex"));
  expect(open([], folder).keys()).toEqual([key]);
  expect(lines).toHaveLength(1);
});

test("two places have two keys", () => {
  const [one, other] = ["one", "other"].map((name) => open([], join(dataDir, name)).keys()[0]!);
  expect(one!.equals(other!)).toBe(false);
});

test("a new key comes to the front of the file, which stays its owner's, and others see it when they look again", () => {
  const [mine, others] = [open(), open()];
  const [first] = mine.keys();
  mine.addKey!();
  const [second] = mine.keys();
  expect(second).not.toEqual(first);
  expect(mine.keys()).toEqual([second, first]);
  expect(others.keys()).toEqual([first]);
  others.addKey!();
  expect(others.keys().slice(1)).toEqual([second, first]);
  mine.reload();
  expect(mine.keys()).toEqual(others.keys());
  expect(open().keys()).toEqual(others.keys());
  expect(readdirSync(dataDir)).toEqual(["secret-key"]);
  expect(statSync(join(dataDir, "secret-key")).mode & 0o777).toBe(0o600);
});

test.each([
  "",
  "secret",
  "00".repeat(31),
  `${"00".repeat(32)}zz`,
  `${"00".repeat(32)} 00`,
  "zz".repeat(32),
  `${"00".repeat(32)}\n00`,
  `${"00".repeat(32)}\n\n${"11".repeat(32)}`,
])("a file that holds %j is no key: it is named, and left alone", (text) => {
  const file = join(dataDir, "secret-key");
  writeFileSync(file, text);
  expect(() => open()).toThrow(file);
  expect(() => open()).toThrow(/64 hex digits.*PLUMBLINE_SECRET_KEY/);
  expect(readFileSync(file, "utf8")).toBe(text);
});
