import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkWords } from "./check-words.ts";

const check = (text: string, path = "docs/operating.md") => checkWords([{ path, text }]);

// The words are put together here, because this file is checked as well.
test.each([
  ["/wo", "rk/main/src"],
  ["see /wo", "rk/"],
  ["/tmp/bash", "_jobs.0/1"],
  ["/fa", "rm/x"],
  ["https://registry.npm", "js.org/pg"],
  ["http://deb.deb", "ian.org"],
  ["see iss", "ue 12"],
  ["Iss", "ue #12"],
  ["in sess", "ion 3"],
])("finds %s%s", (start, end) => {
  expect(check(`One line,\nanother: ${start}${end}`)).toEqual([
    { path: "docs/operating.md", line: 2, problem: expect.any(String) },
  ]);
});

test("finds each place, not each line or file", () => {
  expect(check(`sess${"ion 1"} and sess${"ion 2"}\nsess${"ion 3"}`)).toHaveLength(3);
});

test("finds addresses of a registry only in the lockfile", () => {
  const text = `{"res${"olved"}": "https://host/pg.tgz"}`;
  expect(check(text, "package-lock.json")).toHaveLength(1);
  expect(check(text, "docs/lockfile.md")).toEqual([]);
});

test.each([
  "The issue is settled; a session of 30 minutes; sessions 3 to 5",
  "src/work/x.ts and ../work/x",
  "/workspace/x, /works, /tmp/plumbline, /farming",
  "the npm registry, Debian's packages",
  "resolved",
])("lets pass: %s", (text) => {
  expect(check(text)).toEqual([]);
});

test("does not find itself", () => {
  for (const path of ["scripts/check/check-words.ts", "scripts/check/check-words.test.ts"])
    expect(check(readFileSync(path, "utf8"), path)).toEqual([]);
});
