// The pages as they were built: what each file weighs compressed, and which of them draw charts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packageRoot } from "../../src/platform/package-root.ts";

const folder = join(packageRoot, "dist/web/app");

export const kibibytes = (bytes: number) => bytes / 1024;

/** Bytes of these files, each with gzip. */
export function weigh(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
}

/** Scripts with the library that draws charts in them: it names what it draws so. */
export function listChartScripts(): string[] {
  return readdirSync(folder).filter(
    (name) => name.endsWith(".js") && /recharts-(surface|wrapper)/.test(readFileSync(join(folder, name), "utf8")),
  );
}

/** Scripts and styles. */
export function listBuiltFiles(): string[] {
  return readdirSync(folder).filter((name) => /\.(js|css)$/.test(name));
}
