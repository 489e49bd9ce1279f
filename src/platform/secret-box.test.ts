import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasCorpus, readCorpusFile } from "../../test/support/corpora.ts";
import { createSecretBox, type SealedSecret } from "./secret-box.ts";

const key = randomBytes(32);
const box = createSecretBox(key);
const place = "webhook secret of w-1/c-1";

test("what was sealed opens again, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, of) => {
      expect(box.open(box.seal(secret, of), of)).toBe(secret);
    }),
  );
});

test("sealing twice gives two different things, and neither holds the secret", () => {
  const [one, other] = [box.seal("whsec_visible", place), box.seal("whsec_visible", place)];
  expect(one.sealed.equals(other.sealed)).toBe(false);
  expect(one.keyId).toBe(other.keyId);
  expect(one.sealed.includes("visible")).toBe(false);
  expect(one.keyId).not.toContain(key.toString("hex").slice(0, 8));
});

test("does not open for another place", () => {
  const sealed = box.seal("secret", place);
  for (const other of ["", `${place} `, "webhook secret of w-2/c-1", "webhook secret of w-1/c-2"])
    expect(() => box.open(sealed, other)).toThrow(/does not open.*Set the secret anew/);
});

test("does not open once a single bit of it is another, or a piece is missing or too many", () => {
  const { keyId, sealed } = box.seal("secret", place);
  const changed: Buffer[] = [Buffer.alloc(0), sealed.subarray(1), sealed.subarray(0, -1), sealed.subarray(0, 27)];
  changed.push(Buffer.concat([sealed, Buffer.from([0])]));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const copy = Buffer.from(sealed);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    changed.push(copy);
  }
  for (const one of changed) expect(() => box.open({ keyId, sealed: one }, place)).toThrow(/does not open/);
});

test("with another key it says which key is needed, which one is there, and what to set", () => {
  const sealed = box.seal("secret", place);
  const other = createSecretBox(randomBytes(32));
  const { keyId } = other.seal("", "");
  expect(() => other.open(sealed, place)).toThrow(sealed.keyId);
  expect(() => other.open(sealed, place)).toThrow(keyId);
  expect(() => other.open(sealed, place)).toThrow(/PLUMBLINE_SECRET_KEY.*secret-key/);
  // Even where the name of the key was changed with it.
  expect(() => other.open({ ...sealed, keyId }, place)).toThrow(/does not open/);
});

test("with several keys the first one seals, and each opens what it has sealed", () => {
  const older = randomBytes(32);
  const sealed = createSecretBox(older).seal("secret", place);
  const both = createSecretBox({ keys: () => [key, older], reload: () => {} });
  expect(both.open(sealed, place)).toBe("secret");
  expect(both.keyIds()).toEqual([box.seal("", "").keyId, sealed.keyId]);
  const anew = both.seal("secret", place);
  expect(box.open(anew, place)).toBe("secret");
  expect(() => both.open({ ...sealed, keyId: anew.keyId }, place)).toThrow(/does not open/);
});

test("a key that comes later is found when it is needed, and seals from then on", () => {
  const later = randomBytes(32);
  let stored = [key];
  let loaded = stored;
  const ring = {
    keys: () => loaded,
    reload: () => {
      loaded = stored;
    },
  };
  const running = createSecretBox(ring);
  stored = [later, key];
  const sealed = createSecretBox(later).seal("secret", place);
  expect(loaded).toEqual([key]);
  expect(running.open(sealed, place)).toBe("secret");
  loaded = [key];
  expect(running.seal("secret", place).keyId).toBe(sealed.keyId);
});

test.skipIf(!hasCorpus("wycheproof"))("opens and refuses Wycheproof's vectors of AES-256-GCM", () => {
  const { testGroups } = JSON.parse(readCorpusFile("wycheproof/testvectors_v1/aes_gcm_test.json").toString("utf8")) as {
    testGroups: { keySize: number; ivSize: number; tagSize: number; tests: Record<string, string>[] }[];
  };
  let count = 0;
  for (const group of testGroups) {
    if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue;
    for (const { key: vectorKey, iv, aad, msg, ct, tag, result, comment } of group.tests) {
      // A place is text: vectors whose associated data is none cannot be put.
      const of = Buffer.from(aad!, "hex").toString("utf8");
      if (Buffer.from(of).toString("hex") !== aad) continue;
      count += 1;
      const vectorBox = createSecretBox(Buffer.from(vectorKey!, "hex"));
      const sealed: SealedSecret = {
        keyId: vectorBox.seal("", "").keyId,
        sealed: Buffer.from(`${iv}${ct}${tag}`, "hex"),
      };
      if (result === "valid")
        expect(vectorBox.open(sealed, of), comment).toBe(Buffer.from(msg!, "hex").toString("utf8"));
      else expect(() => vectorBox.open(sealed, of), comment).toThrow(/does not open/);
    }
  }
  expect(count).toBeGreaterThan(40);
});
