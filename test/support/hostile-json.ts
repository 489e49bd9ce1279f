// Arbitrary JSON with the keys and characters that break things: U+0000, lone surrogates, quotes, names of prototypes.
import fc from "fast-check";
import type { Json } from "../../src/platform/json.ts";

export const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\0", "\ud800", "\udc00", "\udbff", "\udfff", "\ufffd", '"', "\\", "u", "d8", "a"),
  }),
  fc.constantFrom("__proto__", "constructor", "toString", "a\0", "a\ufffd", "a\ufffd (2)", "[object Object]"),
);

/** `keys` come on top of the hostile ones: names that the code under test knows. */
export function createHostileJson(keys: readonly string[] = []): fc.Arbitrary<Json> {
  const key = keys.length > 0 ? fc.oneof(hostileText, fc.constantFrom(...keys)) : hostileText;
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      hostileText,
      fc.constantFrom(null, true, false, 0, -0, 1e300, 5e-324, -1.5, "", " "),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).value as fc.Arbitrary<Json>;
}

/** Everything that stands at an end of a structure, with empty lists and objects as such. */
export function listLeaves(value: unknown): unknown[] {
  if (value === null || typeof value !== "object") return [value];
  const inner = Object.values(value);
  return inner.length === 0 ? [Array.isArray(value) ? "[]" : "{}"] : inner.flatMap(listLeaves);
}
