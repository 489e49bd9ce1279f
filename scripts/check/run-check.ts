// Runs the parts of the check side by side, prints a line for each, then the findings of those that failed.
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkDocuments } from "./check-documents.ts";
import { checkImports } from "./check-imports.ts";
import { checkTableWriters } from "./check-table-writers.ts";
import { checkWords } from "./check-words.ts";
import { isPicture } from "./document-pictures.ts";
import type { Finding, SourceFile } from "./finding.ts";
import { listIgnored, listTree } from "./list-tree.ts";

/** Resolves to what is wrong; to an empty text when nothing is. */
type Part = { name: string; run: () => Promise<string> };

const tree = listTree(".");

const parts: Part[] = [
  { name: "types", run: () => runTool("tsc", ["--noEmit", "--pretty", "false"]) },
  { name: "page types", run: () => runTool("tsc", ["--noEmit", "--pretty", "false", "-p", "src/web"]) },
  { name: "unused", run: () => runTool("knip", ["--no-progress"]) },
  { name: "lint", run: () => runTool("biome", ["check", ".", "--error-on-warnings", "--colors=off"]) },
  { name: "imports", run: async () => describe(checkImports(readFiles(/^(src|simulator)\/.*\.[cm]?[jt]sx?$/))) },
  {
    name: "tables",
    run: async () =>
      describe(
        checkTableWriters({
          sources: readFiles(/^src\/.*\.[cm]?[jt]sx?$/),
          migrations: readFiles(/^migrations\/.*\.sql$/),
        }),
      ),
  },
  {
    name: "documents",
    run: async () =>
      describe(
        checkDocuments({
          documents: readFiles(/\.md$/),
          sources: readFiles(/\.[cm]?[jt]sx?$/),
          paths: tree,
          ignored: listIgnored("."),
          scripts: Object.keys(JSON.parse(readFileSync("package.json", "utf8")).scripts),
          pictures: new Map(
            tree
              .filter((path) => path.startsWith("docs/") && isPicture(path))
              .map((path) => [path, statSync(path).size]),
          ),
        }),
      ),
  },
  { name: "words", run: async () => describe(checkWords(readFiles(/./))) },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(", ")}; there are ${parts.map((part) => part.name).join(", ")}.`);
const results = await Promise.all(
  parts.filter((part) => wanted.length === 0 || wanted.includes(part.name)).map(runPart),
);
for (const { name, problems } of results) if (problems !== "") console.log(`\n${name}\n${problems}`);
if (results.some(({ problems }) => problems !== "")) process.exitCode = 1;

async function runPart({ name, run }: Part): Promise<{ name: string; problems: string }> {
  const start = performance.now();
  const problems = await run().catch((error: Error) => error.stack ?? error.message);
  const milliseconds = String(Math.round(performance.now() - start));
  console.log(`${name.padEnd(10)} ${problems === "" ? "ok    " : "failed"} ${milliseconds.padStart(6)} ms`);
  return { name, problems };
}

/** A program of node_modules; what it prints is told only when it fails. */
function runTool(name: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join("node_modules/.bin", name), args, { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve("");
      else resolve(`${printed.trimEnd()}\n${name} ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** The text files whose path fits. A pattern that fits none checks nothing, so it is a mistake. */
function readFiles(pattern: RegExp): SourceFile[] {
  const files = tree
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
  if (files.length === 0) throw new Error(`No file fits ${pattern}: correct scripts/check/run-check.ts.`);
  return files;
}

function describe(findings: readonly Finding[]): string {
  return findings.map(({ path, line, problem }) => `${path}:${line} ${problem}`).join("\n");
}
