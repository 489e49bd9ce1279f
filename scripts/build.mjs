// Bundles the program and the simulator into dist/, the pages into dist/web, and any other TypeScript entry on request.
// A build whose sources have not changed since the last one is skipped, so a warm start pays a few milliseconds.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

export const root = findRoot(fileURLToPath(new URL(".", import.meta.url)));
const programs = { plumbline: "src/main.ts", simulator: "simulator/main.ts" };
const sourceFolders = ["src", "simulator"];
const pages = "src/web";
/** What the pages are built from: they import nothing else of ours. */
const pageFolders = [pages, "src/contract"];

/** The nearest folder above that holds package.json: a bench that uses this file is bundled, and lies elsewhere. @param {string} folder @returns {string} */
function findRoot(folder) {
  return existsSync(join(folder, "package.json")) ? folder : findRoot(join(folder, ".."));
}

/** @param {string} folder @param {string} [but] another one, as a whole path @returns {string[]} */
function listSources(folder, but) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (path === but) return [];
    if (entry.isDirectory()) return listSources(path, but);
    return /\.(tsx?|json|css|html)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** @param {string[]} folders @param {string} [but] */
function fingerprint(folders, but) {
  const hash = createHash("sha256");
  for (const path of folders.flatMap((folder) => listSources(join(root, folder), but)).sort()) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${relative(root, path)}\0${mtimeMs}\0${size}\n`);
  }
  // What it is built with, and how.
  for (const name of ["package-lock.json", "scripts/build.mjs"]) hash.update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

/** @param {Record<string, string>} entries @param {string} outdir */
export async function bundle(entries, outdir) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    // As paths: a bare "bench/x.ts" would be taken for a package.
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, join(root, entry)])),
    outdir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
    write: false,
  });
  // Its process would live as long as ours, and take memory from the program that was built.
  await esbuild.stop();
  mkdirSync(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
}

/** Another process may be reading the file: it sees the old or the new one, never a half. @param {string} path @param {string | Uint8Array} contents */
function replaceFile(path, contents) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/** Builds dist/plumbline.js, dist/simulator.js and dist/web, as far as they are not up to date. */
export async function buildPrograms({ force = false } = {}) {
  // An installed package carries dist/ and no sources.
  if (!existsSync(join(root, "src"))) return;
  await Promise.all([
    buildOnce("dist/.stamp", fingerprint(sourceFolders, join(root, pages)), force, () =>
      bundle(programs, join(root, "dist")),
    ),
    buildOnce("dist/.stamp-web", fingerprint(pageFolders), force, buildPages),
  ]);
}

/** The server sends what the browser takes: brotli saves 14 % of gzip, for a second of two processors. @param {string} path */
async function compress(path) {
  const content = readFileSync(path);
  const [gz, br] = await Promise.all([promisify(gzip)(content, { level: 9 }), promisify(brotliCompress)(content)]);
  writeFileSync(`${path}.gz`, gz);
  writeFileSync(`${path}.br`, br);
}

/** @param {string} file @param {string} stamp @param {boolean} force @param {() => Promise<void>} build */
async function buildOnce(file, stamp, force, build) {
  const stampFile = join(root, file);
  if (!force && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  await build();
  replaceFile(stampFile, stamp);
}

/** Beside what is there, and then in its place: somebody may be loading the pages. */
async function buildPages() {
  const { build } = await import("vite");
  const outDir = join(root, "dist/web");
  const draft = `${outDir}.${process.pid}`;
  await asForProduction(() =>
    build({ configFile: join(root, pages, "vite.config.ts"), mode: "production", build: { outDir: draft } }),
  );
  await Promise.all(readdirSync(join(draft, "app")).map((name) => compress(join(draft, "app", name))));
  // Moved and not removed: another process may put its own there at the same moment.
  const old = `${outDir}.${process.pid}.old`;
  if (existsSync(outDir)) tryTo(() => renameSync(outDir, old));
  if (!tryTo(() => renameSync(draft, outDir)) && !existsSync(join(outDir, "index.html")))
    throw new Error(`dist/web could not be put in its place: remove ${outDir}, then try again.`);
  for (const folder of [old, draft]) rmSync(folder, { recursive: true, force: true });
}

/** Vite puts the development build of React into the pages where a test runner has set NODE_ENV. @param {() => Promise<unknown>} work */
async function asForProduction(work) {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = "production";
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** False: somebody else was faster. @param {() => void} work */
function tryTo(work) {
  try {
    work();
    return true;
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? ""))
      throw error;
    return false;
  }
}

/** Builds what has changed and imports a program of dist/; says in one line why that is not possible. @param {"plumbline" | "simulator"} name */
export async function runProgram(name) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Plumbline needs Node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  try {
    await buildPrograms();
  } catch (error) {
    console.error(explainBuildError(/** @type {NodeJS.ErrnoException} */ (error)));
    process.exit(1);
  }
  await import(pathToFileURL(join(root, "dist", `${name}.js`)).href);
}

/** @param {NodeJS.ErrnoException} error */
function explainBuildError(error) {
  if (error.code === "ERR_MODULE_NOT_FOUND")
    return `Plumbline's packages are not installed: run npm ci in ${root} first.`;
  if (["EACCES", "EPERM", "EROFS"].includes(error.code ?? ""))
    return `Plumbline must be built, and this user cannot write to ${join(root, "dist")}: let the owner of the folder run npm run build there.`;
  if (error.code === "ENOSPC") return `The disk is full: free some space for ${join(root, "dist")}.`;
  return `Plumbline could not be built: ${error.message}`;
}

/** Bundles one entry (a bench, a fault run) into dist/run and imports it. @param {string} entry */
export async function runTypeScript(entry) {
  const name = entry.replace(/\.ts$/, "").replaceAll("/", "-");
  await bundle({ [name]: entry }, join(root, "dist/run"));
  await import(pathToFileURL(join(root, "dist/run", `${name}.js`)).href);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPrograms({ force: true });
  const { writeSbom } = await import("./write-sbom.mjs");
  const packages = writeSbom(root, join(root, "dist/sbom.json"));
  console.log(
    `built dist/plumbline.js, dist/simulator.js and dist/web; dist/sbom.json lists their ${packages} packages`,
  );
}
