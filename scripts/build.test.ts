import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../src/platform/package-root.ts";
import { createOpenFolder } from "../test/support/plumbline-process.ts";

const folder = createOpenFolder();
/** Below folders that are called as the checkout's own are. */
const checkout = join(folder, "src/web/plumbline");
const write = (path: string, text: string) => writeFileSync(join(checkout, path), text);
const read = (path: string) => readFileSync(join(checkout, path), "utf8");

beforeAll(() => {
  for (const name of ["scripts", "src/web", "src/contract", "simulator"])
    mkdirSync(join(checkout, name), { recursive: true });
  for (const name of ["package.json", "package-lock.json", "scripts/build.mjs", "src/web/vite.config.ts"])
    cpSync(join(packageRoot, name), join(checkout, name));
  symlinkSync(join(packageRoot, "node_modules"), join(checkout, "node_modules"));
  write("src/main.ts", "console.log('program one');");
  write("simulator/main.ts", "console.log('simulator');");
  write("src/web/index.html", '<script type="module" src="./main.ts"></script>');
  write("src/web/main.ts", "console.log('pages one', process.env.NODE_ENV);");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what has changed is built anew, and nothing else, wherever the checkout lies", async () => {
  const { buildPrograms } = await import(pathToFileURL(join(checkout, "scripts/build.mjs")).href);
  const timeOf = (path: string) => statSync(join(checkout, path)).mtimeMs;
  const readPages = () =>
    readdirSync(join(checkout, "dist/web/app"))
      .filter((name) => name.endsWith(".js"))
      .map((name) => read(`dist/web/app/${name}`))
      .join("");

  await buildPrograms();
  expect([read("dist/plumbline.js"), readPages()]).toEqual([
    expect.stringContaining("program one"),
    // A test runner, as this one, has set another environment.
    expect.stringMatching(/pages one.*production/),
  ]);

  const pagesBuilt = timeOf("dist/web/index.html");
  write("src/main.ts", "console.log('program the second');");
  await buildPrograms();
  expect(read("dist/plumbline.js")).toContain("program the second");
  expect(timeOf("dist/web/index.html")).toBe(pagesBuilt);

  const programBuilt = timeOf("dist/plumbline.js");
  write("src/web/main.ts", "console.log('pages the second');");
  await buildPrograms();
  expect(readPages()).toContain("pages the second");
  expect(timeOf("dist/plumbline.js")).toBe(programBuilt);

  expect(readdirSync(join(checkout, "dist")).sort()).toEqual([
    ".stamp",
    ".stamp-web",
    ...["plumbline.js", "plumbline.js.map", "simulator.js", "simulator.js.map", "web"],
  ]);
});
