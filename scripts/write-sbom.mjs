// The list of all packages that the program runs with (CycloneDX 1.5), from package-lock.json alone: the same lock file gives the
// same list, only the time differs. npm's own `npm sbom --omit dev` leaves out what development needs, too (npm 11: esbuild, ajv).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @typedef {{ version: string, license?: string, integrity?: string, optional?: boolean, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Locked */

/** Resolves to how many packages are in it. @param {string} root @param {string} path @returns {number} */
export function writeSbom(root, path) {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const own = lock.packages[""];
  const used = listUsed(lock.packages);
  const content = {
    components: used.map(describe),
    dependencies: [["", own], ...used].map(([place, one]) => ({
      ref: place === "" ? `${own.name}@${own.version}` : nameReference(place, one),
      dependsOn: listNeeded(place, one, lock.packages).map((needed) => nameReference(needed, lock.packages[needed])),
    })),
  };
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      component: {
        "bom-ref": `${own.name}@${own.version}`,
        type: "application",
        name: own.name,
        version: own.version,
        purl: nameUrl(own.name, own.version),
        licenses: [{ license: { id: own.license } }],
      },
    },
    ...content,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(bom, null, 2)}\n`);
  return used.length;
}

/** What can be reached from the program itself, by where it lies. @param {Record<string, Locked>} locked @returns {[string, Locked][]} */
function listUsed(locked) {
  const found = new Set([""]);
  for (const place of found)
    for (const needed of listNeeded(place, /** @type {Locked} */ (locked[place]), locked)) found.add(needed);
  return Object.entries(locked).filter(([place]) => place !== "" && found.has(place));
}

/** @param {[string, Locked]} entry */
function describe([place, one]) {
  const { version, license, integrity, optional } = one;
  return {
    "bom-ref": nameReference(place, one),
    type: "library",
    name: nameOf(place),
    version,
    // What is for other systems is in the lock file, and not installed here.
    scope: optional ? "optional" : "required",
    purl: nameUrl(nameOf(place), version),
    ...(integrity && { hashes: [{ alg: "SHA-512", content: readIntegrity(integrity) }] }),
    ...(license && { licenses: [/[\s(]/.test(license) ? { expression: license } : { license: { id: license } }] }),
  };
}

/** @param {string} place */
const nameOf = (place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

/** Each place once: the same version may lie in two. @param {string} place @param {Locked} one */
const nameReference = (place, { version }) => `${place.replaceAll("node_modules/", "")}@${version}`;

/** @param {string} name @param {string} version */
const nameUrl = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** @param {string} integrity */
const readIntegrity = (integrity) => Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");

/** The places of what a package needs, as Node finds them: the nearest one above. @param {string} place @param {Locked} one @param {Record<string, Locked>} locked @returns {string[]} */
function listNeeded(
  place,
  { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} },
  locked,
) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...new Set([...peers, ...Object.keys({ ...optionalDependencies, ...dependencies })])].flatMap((name) => {
    for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/")))) {
      const candidate = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
      if (locked[candidate]) return [candidate];
      if (from === "") return [];
    }
  });
}
