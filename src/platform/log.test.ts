// Lines go to file descriptor 2, so each case is a process of its own.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { packageRoot } from "./package-root.ts";

const { code } = transformSync(readFileSync(join(packageRoot, "src/platform/log.ts"), "utf8"), { loader: "ts" });

function runWithLog(options: object, statements: string): { stdout: string; stderr: string } {
  const program = `${code}\nconst log = createLog(${JSON.stringify(options)});\n${statements}`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: packageRoot,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

test("json: one object per line on standard error, with time and level as words and nothing about the machine", () => {
  const { stdout, stderr } = runWithLog(
    { format: "json", level: "info" },
    `log.debug("unheard"); log.info({ count: 2 }, "two\\nlines"); log.error("last"); process.exit(0);`,
  );
  expect(stdout).toBe("");
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { level: "info", time: expect.any(String), count: 2, msg: "two\nlines" },
    { level: "error", time: expect.any(String), msg: "last" },
  ]);
  expect(new Date(lines[0].time).toISOString()).toBe(lines[0].time);
});

test("pretty: readable lines on standard error", () => {
  const { stdout, stderr } = runWithLog({ format: "pretty", level: "warn" }, `log.info("unheard"); log.warn("heard");`);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/WARN.*heard/);
  expect(stderr).not.toContain("unheard");
});

test("silent: nothing at all", () => {
  const { stdout, stderr } = runWithLog({ format: "json", level: "silent" }, `log.fatal("unheard");`);
  expect(stdout + stderr).toBe("");
});
