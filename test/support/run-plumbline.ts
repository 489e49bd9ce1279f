// A command as it is typed, with all that comes of it; it may fail.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/platform/package-root.ts";
import type { Home } from "./plumbline-process.ts";

export type Ran = { code: number | null; stdout: string; stderr: string };

export function runPlumbline(
  home: Pick<Home, "environment">,
  words: readonly string[],
  options: { environment?: Record<string, string>; input?: string; user?: { uid: number; gid: number } } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, "bin/plumbline.mjs"), ...words], {
      env: { ...home.environment, ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
      ...options.user,
    });
    const ran = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (ran.stdout += chunk));
    child.stderr.on("data", (chunk) => (ran.stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...ran }));
    child.stdin.end(options.input ?? "");
  });
}
