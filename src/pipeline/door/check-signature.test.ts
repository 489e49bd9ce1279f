import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCorpus, readCorpusFile } from "../../../test/support/corpora.ts";
import { checkSignature } from "./check-signature.ts";

const secret = "not-a-real-secret";
const body = Buffer.from(
  '{"app":{"id":-323232,"name":"test_application","platform":"web"},"accountId":"acme-1","subscription":{"id":4802463602049999,"name":"test_application"},"userAgent":"Mozilla/5.0","event":"npsSubmitted","properties":{"guideId":"FjHsQ7S8z0ircYxe3vO4GHawvwI","nps":{"rating":9,"reason":"Keep up the great work!","source":"web"}},"timestamp":1626804431,"visitorId":"user-1","uniqueId":"ccb0f95474ae8b630ede92f8f8dbac03cddfc1c3"}',
);
const signature = "927be395171bc8fc691745e5c3a1388736f0a1a1f57eda4050d1a3e1f6cfe268";

test("the known vector is right", () => {
  expect(body).toHaveLength(422);
  expect(checkSignature(body, signature, [secret])).toBe("right");
});

test.each([
  ["in capitals", signature.toUpperCase()],
  ["with its algorithm in front", `sha256=${signature}`],
  ["with its algorithm in capitals", `SHA256=${signature}`],
  ["with space around", `  ${signature}\t`],
])("%s it is right too", (_name, header) => {
  expect(checkSignature(body, header, [secret])).toBe("right");
});

test.each([undefined, "", "  "])("%j is missing", (header) => {
  expect(checkSignature(body, header, [secret])).toBe("missing");
});

test.each([
  ["another", "0".repeat(64)],
  ["one digit less", signature.slice(1)],
  ["one digit more", `${signature}0`],
  ["half of it", signature.slice(0, 32)],
  ["twice", `${signature}${signature}`],
  ["two of them, as node joins headers", `${signature}, ${signature}`],
  ["another algorithm in front", `sha1=${signature}`],
  ["the algorithm twice", `sha256=sha256=${signature}`],
  ["a digit that is none", signature.replace("9", "g")],
  ["base64", Buffer.from(signature, "hex").toString("base64")],
  ["digits of another script", signature.replace("9", "９")],
  ["63 spaces and a digit", `${" ".repeat(63)}9`],
])("%s is wrong", (_name, header) => {
  expect(checkSignature(body, header, [secret])).toBe("wrong");
});

test("it is of the raw bytes: a line feed more, spaces, or another order make it wrong", () => {
  const parsed = JSON.parse(body.toString());
  for (const other of [
    `${body}\n`,
    ` ${body}`,
    JSON.stringify(parsed, null, 1),
    JSON.stringify(parsed).slice(0, -1),
    "",
  ])
    expect(checkSignature(Buffer.from(other), signature, [secret])).toBe("wrong");
});

test("any of the valid secrets will do, in any place", () => {
  expect(checkSignature(body, signature, ["new", secret])).toBe("right");
  expect(checkSignature(body, signature, [secret, "old"])).toBe("right");
  expect(checkSignature(body, signature, ["new", "old"])).toBe("wrong");
  expect(checkSignature(body, signature, [])).toBe("wrong");
  expect(checkSignature(body, signature, [`${secret} `, secret.toUpperCase(), ""])).toBe("wrong");
});

test("for any body and secret, only its own signature is right", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: "grapheme" }), fc.nat(63), (bytes, key, place) => {
      const right = createHmac("sha256", Buffer.from(key, "utf8")).update(bytes).digest("hex");
      expect(checkSignature(bytes, right, [key])).toBe("right");
      const digit = right[place] === "0" ? "1" : "0";
      const wrong = right.slice(0, place) + digit + right.slice(place + 1);
      expect(checkSignature(bytes, wrong, [key])).toBe("wrong");
    }),
  );
});

describe.skipIf(!hasCorpus("wycheproof"))("Wycheproof's vectors of HMAC-SHA256", () => {
  type Vector = { key: string; msg: string; tag: string; result: "valid" | "invalid"; tcId: number; comment: string };
  const readVectors = () =>
    (
      JSON.parse(readCorpusFile("wycheproof/testvectors_v1/hmac_sha256_test.json").toString("utf8")) as {
        testGroups: { tagSize: number; tests: Vector[] }[];
      }
    ).testGroups.flatMap(({ tagSize, tests }) => tests.map((vector) => ({ ...vector, tagSize })));

  test("all 174: whole tags as they say, shortened ones never", () => {
    const vectors = readVectors();
    expect(vectors).toHaveLength(174);
    const results = vectors.map(({ key, msg, tag, result, tagSize, tcId, comment }) => {
      const check = checkSignature(Buffer.from(msg, "hex"), tag, [Buffer.from(key, "hex")]);
      expect(check, `${tcId}: ${comment}`).toBe(result === "valid" && tagSize === 256 ? "right" : "wrong");
      return check;
    });
    expect(results.filter((check) => check === "right").length).toBeGreaterThan(20);
  });
});
