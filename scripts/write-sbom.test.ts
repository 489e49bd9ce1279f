import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../src/platform/package-root.ts";
import { listTree } from "./check/list-tree.ts";
import { listImports } from "./check/parse-source.ts";
import { writeSbom } from "./write-sbom.mjs";

/** They ask for their notice and no more. */
const permissive = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|Unlicense|CC0-1\.0)$/;
/** Why it may stay: docs/decisions/012-the-pages.md. */
const buildsCss = /^lightningcss(-|$)/;

test("what a checkout needs to start and to show the demo is installed without what development needs", () => {
  const { dependencies } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const paths = listTree(packageRoot).filter(
    (path) =>
      /^(bin|src|simulator|scripts\/demo)\/|^scripts\/(build|demo|write-sbom)\.mjs$/.test(path) &&
      /(?<!\.test)\.(tsx?|mjs)$/.test(path),
  );
  const named = paths.flatMap((path) =>
    listImports({ path, text: readFileSync(join(packageRoot, path), "utf8") }).flatMap(({ target }) => {
      const name = /^(@[^/]+\/)?[^/]+/.exec(target)![0];
      return isBuiltin(target) || /^[./]/.test(target) ? [] : [name];
    }),
  );
  expect(named).toContain("vite");
  expect([...new Set(named)].filter((name) => !(name in dependencies))).toEqual([]);
});

test("all packages that the program runs with are listed, with version, licence and hash, and the same twice", () => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  try {
    const read = (name: string) => {
      writeSbom(packageRoot, join(folder, name));
      return JSON.parse(readFileSync(join(folder, name), "utf8"));
    };
    const bom = read("one.json");
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "plumbline" } } });
    const names: string[] = bom.components.map((one: any) => one.name);
    const { dependencies } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
    expect(Object.keys(dependencies).filter((name) => !names.includes(name))).toEqual([]);
    expect(["vitest", "typescript", "@biomejs/biome", "knip"].filter((name) => names.includes(name))).toEqual([]);
    const references = bom.components.map((one: any) => one["bom-ref"]);
    expect(new Set(references).size).toBe(references.length);
    const needed = bom.dependencies.flatMap((one: any) => one.dependsOn);
    expect(needed.filter((one: string) => !references.includes(one))).toEqual([]);
    expect(references.filter((one: string) => !needed.includes(one))).toEqual([]);
    for (const { name, version, purl, licenses, hashes } of bom.components)
      expect({ name, version, purl, licenses, hashes }).toEqual({
        name,
        version: expect.stringMatching(/^\d/),
        purl: expect.stringMatching(/^pkg:npm\/./),
        licenses: [expect.anything()],
        hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      });
    const licences = bom.components.map(({ name, licenses: [{ license, expression }] }: any) => [
      name,
      (license?.id ?? expression).replace(/[()]/g, "").split(/ AND | OR /),
    ]);
    expect(
      licences.filter(([name, ids]: any) => !buildsCss.test(name) && !ids.every((id: string) => permissive.test(id))),
    ).toEqual([]);
    const { timestamp: _, ...metadata } = bom.metadata;
    const again = read("two.json");
    expect({ ...again, metadata: { ...again.metadata, timestamp: undefined } }).toEqual({
      ...bom,
      metadata: { ...metadata, timestamp: undefined },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
