import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createGlob } from "./glob.ts";
import { createIgnore, listTree } from "./list-tree.ts";

test("lists what lies in the tree, without what .gitignore names", () => {
  const root = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text = "") => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write(".gitignore", "node_modules/\ndata/\n\n# logs\n*.log\n");
  const kept = [".ci/run", "README.md", "src/data.ts", "src/x/logs/y.ts"];
  for (const path of [...kept, ".git/config", "node_modules/pg/index.js", "src/x/data/y.ts", "src/x/y.log"])
    write(path);
  expect(listTree(root)).toEqual([".ci/run", ".gitignore", "README.md", "src/data.ts", "src/x/logs/y.ts"]);
});

test("tells files from folders, and names from paths", () => {
  const isIgnored = createIgnore(["dist/", "bench/results", "/top.txt"]);
  expect(isIgnored("src/dist", true)).toBe(true);
  expect(isIgnored("src/dist", false)).toBe(false);
  expect(isIgnored("bench/results", true)).toBe(true);
  expect(isIgnored("src/bench/results", true)).toBe(false);
  expect(isIgnored("top.txt", false)).toBe(true);
  expect(isIgnored("src/top.txt", false)).toBe(false);
  expect(() => createIgnore(["!kept"])).toThrow("does not understand !kept");
});

test.each([
  ["src/*.ts", "src/a.ts", "src/x/a.ts"],
  ["src/**/*.ts", "src/x/y/a.ts", "lib/a.ts"],
  ["src/**/*.ts", "src/a.ts", "src/a.tsx"],
  ["**/a.ts", "a.ts", "ba.ts"],
  ["src/**", "src/x/y", "src"],
  ["src/{a,b.c}.ts", "src/b.c.ts", "src/bxc.ts"],
  ["a.{ts", "a.{ts", "ats"],
])("%s fits %s and not %s", (pattern, inside, outside) => {
  expect(createGlob(pattern)(inside)).toBe(true);
  expect(createGlob(pattern)(outside)).toBe(false);
});

test("a pattern without wildcards fits itself alone", () => {
  const plain = fc.string().filter((text) => !/[*{]/.test(text));
  fc.assert(fc.property(plain, plain, (pattern, path) => createGlob(pattern)(path) === (pattern === path)));
  fc.assert(fc.property(plain, (pattern) => createGlob(pattern)(pattern)));
});
