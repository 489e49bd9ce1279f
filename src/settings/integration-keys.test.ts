import { expect, test } from "vitest";
import { readIntegrationKey } from "./integration-keys.ts";

test.each([
  ["0a1b-key", "0a1b-key"],
  ["  0a1b-key\n", "0a1b-key"],
  ["\ufeff0a1b-key\u200b", "0a1b-key"],
  ['"0a1b-key"', "0a1b-key"],
  [" '0a1b-key' ", "0a1b-key"],
  ["X-Pendo-Integration-Key: 0a1b-key", "0a1b-key"],
  ['x-pendo-integration-key:"0a1b-key"', "0a1b-key"],
  ["0a1b-key.eu", "0a1b-key.eu"],
  ["K", "K"],
])("%j is the key %j", (pasted, key) => {
  expect(readIntegrationKey(pasted)).toBe(key);
});

test.each(["", "   ", '""', "two words", "two\nlines", "a\0b", "schlüssel", "x".repeat(501), "…c0de"])(
  "%j is none, and is not shown",
  (pasted) => {
    expect(() => readIntegrationKey(pasted)).toThrow(/integration key/);
    if (pasted.trim().length > 3) expect(() => readIntegrationKey(pasted)).not.toThrow(pasted);
  },
);
