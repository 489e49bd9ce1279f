import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../src/platform/package-root.ts";
import { writeSbom } from "./write-sbom.mjs";

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
