import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";

test("of the settings the demo takes over where it listens and what it logs, and nothing else", async () => {
  const table = readFileSync(join(packageRoot, "docs/operating.md"), "utf8").match(/^\| `[A-Z_`, ]+` \|/gm)!;
  const settings = table.flatMap((cells) => cells.match(/[A-Z_]+/g)!);
  expect(settings).toContain("OIDC_CLIENT_SECRET");
  for (const name of settings) vi.stubEnv(name, "4321");
  const { environment, dataDir } = await import("./places.mjs");
  vi.unstubAllEnvs();
  const taken = settings.filter((name) => name in environment && name !== "DATA_DIR");
  expect(taken.sort()).toEqual(["HOST", "LOG_FORMAT", "LOG_LEVEL", "PORT"]);
  expect(environment.DATA_DIR).toBe(dataDir);
});
