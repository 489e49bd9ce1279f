import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test("the demo lies in this checkout or where it is told to, always in a folder of its own", async () => {
  vi.stubEnv("DEMO_DIR", "");
  expect((await import("./places.mjs")).dataDir).toBe(join(packageRoot, "data-demo"));
  vi.resetModules();
  vi.stubEnv("DEMO_DIR", "/srv/mine");
  expect((await import("./places.mjs")).dataDir).toBe("/srv/mine/data-demo");
});

test("of the settings the demo takes over where it listens and what it logs, and nothing else", async () => {
  const table = readFileSync(join(packageRoot, "docs/operating.md"), "utf8").match(/^\| `[A-Z_`, ]+` \|/gm)!;
  const settings = table.flatMap((cells) => cells.match(/[A-Z_]+/g)!);
  expect(settings).toContain("OIDC_CLIENT_SECRET");
  for (const name of settings) vi.stubEnv(name, "4321");
  const { environment, dataDir } = await import("./places.mjs");
  const taken = settings.filter((name) => name in environment && name !== "DATA_DIR");
  expect(taken.sort()).toEqual(["HOST", "LOG_FORMAT", "LOG_LEVEL", "PORT"]);
  expect(environment.DATA_DIR).toBe(dataDir);
});
