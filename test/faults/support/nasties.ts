// Values known to break something: JSON parsers, PostgreSQL's jsonb, indexes, patterns that go back and forth, JavaScript
// objects. Each is JSON text, so that it reaches the door exactly as it stands here.
import { randomBytes } from "node:crypto";

export type Nasty = {
  name: string;
  /** JSON text. */
  json: string;
};

const text = (name: string, value: string): Nasty => ({ name, json: JSON.stringify(value) });
const list = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

/** Each of them is another id, though some rules of comparing would call them the same. */
export const nearlyTheSame: readonly string[] = [
  ...["Ada", "ada", "ADA", " ada", "ada ", "ada\t", "ada\n", "ada\r\n", "a da", "ada\u00a0", "\ufeffada", "ada\u200b"],
  ...["é", "e\u0301", "ﬁ", "fi", "ß", "ss", "SS", "İ", "i\u0307", "ı", "I", "i", "Ａ", "A", "a", "А"],
  ...["1", "01", "1.0", "+1", "1e0", "１", "true", "\u202eada", "ada\u202c", "a\\da", "a/da", "a%da", "a_da"],
  ...[`${"x".repeat(199)}1`, `${"x".repeat(199)}2`, `${"x".repeat(499)}1`, `${"x".repeat(499)}2`],
  ...[`${"x".repeat(999)}1`, `${"x".repeat(999)}2`],
];

/** Ids that are different as JSON, and cannot all be kept as text: none may end up on another's record. */
const unstorable: readonly Nasty[] = [
  ["U+0000", "\\u0000"],
  ["U+0000 inside", "a\\u0000b"],
  ["U+0000 at the end", "ada\\u0000"],
  ["a lone high surrogate", "a\\ud800"],
  ["another lone high surrogate", "a\\ud801"],
  ["a lone low surrogate", "a\\udc00"],
  ["another lone low surrogate", "a\\udfff"],
  ["surrogates the wrong way round", "\\udc00\\ud800"],
  ["the replacement character", "a\\ufffd"],
].map(([name, inner]) => ({ name: name!, json: `"${inner}"` }));

const numbers = [
  ...["0", "-0", "1", "1.0", "1E5", "1e-7", "5.0", "11", "-1", "0.30000000000000004", "1.0000000000000001"],
  ...["9007199254740991", "9007199254740993", "-9223372036854775809", "18446744073709551617"],
  ...[
    "1e400",
    "-1e400",
    "1e-400",
    "1e99999999999",
    "123456789012345678901234567890.123456789",
    "1626804431",
    "1626804431000",
  ],
  ...["253402300800", "-62135596801", "8640000000000001", "0.1e1"],
].map((json): Nasty => ({ name: `the number ${json}`, json }));

const values: Nasty[] = [
  ...["null", "true", "false", "[]", "{}", '""', '" "', "[[]]", "[{}]", '[""]', "[null]", '{"":""}'].map((json) => ({
    name: json,
    json,
  })),
  { name: "an escaped pair", json: String.raw`"\ud83d\ude00"` },
  {
    name: "control characters",
    json: `"${list(32, (code) => `\\u${hex(code, 4)}`)
      .slice(1)
      .join("")}\u007f"`,
  },
  text("an emoji of many parts", "👩‍👩‍👧‍👦🏳️‍🌈"),
  text("right to left", "\u202eأهلا \u2066שלום\u2069"),
  text("line separators", "a\u2028b\u2029c\u0085d"),
  text("SQL", `'); drop table deliveries; --`),
  text("a path", "../../../../etc/passwd\\..\\..\\"),
  text("a format", "%s%n%x%d{0}{{7*7}}$1$&$$"),
  text("quotes", `"'\`\\\\"\\"`),
  text("markup", `</script><script>alert(1)</script>`),
  ...["null", "undefined", "[object Object]", "anonymous", "_PENDO_T_abc", "0", "NaN", "'null'"].map((id) =>
    text(`the word ${id}`, id),
  ),
  ...[1_000, 1_001, 2_800, 9_000].map((length) => text(`${length} random characters`, randomHex(length))),
  { name: "the same key twice", json: '{"a":1,"a":2}' },
  { name: "__proto__", json: '{"__proto__":{"polluted":true},"a":1}' },
  { name: "constructor", json: '{"constructor":{"prototype":{"polluted":true}}}' },
  { name: "names of methods", json: '{"toString":1,"valueOf":2,"hasOwnProperty":3,"toJSON":4,"then":5,"length":-1}' },
  { name: "keys with U+0000", json: String.raw`{"\u0000":1,"\ufffd":2,"a\u0000":3,"a\ufffd":4}` },
  {
    name: "keys that are lone surrogates",
    json: String.raw`{"\ud800":1,"\ud801":2,"\udc00":3,"\ufffd":4,"\ufffd (2)":5}`,
  },
  { name: "90 lists in one another", json: "[".repeat(90) + "]".repeat(90) },
  { name: "90 objects in one another", json: `${'{"a":'.repeat(90)}1${"}".repeat(90)}` },
  { name: "150 lists in one another", json: "[".repeat(150) + "]".repeat(150) },
];

export const smallNasties: readonly Nasty[] = [...unstorable, ...numbers, ...values];

/** Just below what the door takes in. */
export const largeNasties: readonly Nasty[] = [
  text("a string of a million characters", "x".repeat(1_000_000)),
  text("a random string of 900,000 characters", randomHex(900_000)),
  text("800,000 spaces between two letters", `a${" ".repeat(800_000)}b`),
  { name: "170,000 times U+0000", json: `"${"\\u0000".repeat(170_000)}"` },
  { name: "a number of 900,000 digits", json: "7".repeat(900_000) },
  { name: "90,000 keys", json: `{${list(90_000, (index) => `"k${index}":1`).join(",")}}` },
  { name: "90,000 keys and a huge number", json: `{"n":1e400,${list(85_000, (index) => `"k${index}":1`).join(",")}}` },
  {
    name: "50,000 keys that all become the same text",
    json: `{${list(50_000, (index) => `"\\ud8${hex(index & 255, 2)}\\ud9${hex(index >> 8, 2)}":1`).join(",")}}`,
  },
  { name: "400,000 numbers", json: `[${list(400_000, () => "1").join(",")}]` },
  { name: "60,000 answers", json: `[${list(60_000, () => '{"value":1}').join(",")}]` },
  { name: "40,000 choices", json: `{${list(40_000, (index) => `"c${index}":"Choice"`).join(",")}}` },
  { name: "300,000 empty objects", json: `[${list(300_000, () => "{}").join(",")}]` },
];

function randomHex(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString("hex")
    .slice(0, length);
}
