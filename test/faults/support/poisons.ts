// All that is sent: documents at the door, values in fields. Bodies are made when they are sent: together they would not
// fit into memory.
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { hasCorpus, listDocuments, listNaughtyStrings } from "../../support/corpora.ts";
import { createEnvelope } from "./deliveries.ts";
import { largeNasties, type Nasty, nearlyTheSame, smallNasties } from "./nasties.ts";
import { type Field, fields } from "./poisoned-bodies.ts";

export type Poison = {
  name: string;
  body: () => Buffer;
  headers?: Record<string, string>;
  /** Where a value stands in a field. */
  field?: Field;
  json?: string;
  /** The database refuses what is made of it, for a reason that nobody foresaw. */
  isUnforeseen?: boolean;
};

/** What the database is told to refuse (see poison-run.ts): the one value that no reader can know of. */
export const pill = "poison pill";

export function listUnforeseenPoisons(count: number): Poison[] {
  return Array.from({ length: count }, (_, index): Poison => {
    const body = JSON.stringify(createEnvelope(`pill-${index}`, { properties: { name: pill } }));
    return { name: `pill ${index}`, body: () => Buffer.from(body), isUnforeseen: true };
  });
}

/** Bodies as they are. */
export function listDoorPoisons(): Poison[] {
  const good = () => JSON.stringify(createEnvelope(randomBytes(8).toString("hex"), { properties: { name: "Good" } }));
  const own: [string, () => Buffer, Record<string, string>?][] = [
    ["nothing", () => Buffer.alloc(0)],
    ["a space", () => Buffer.from(" ")],
    ["a byte order mark", () => Buffer.from(`\ufeff${good()}`)],
    ["UTF-16", () => Buffer.from(good(), "utf16le")],
    ["Latin-1", () => Buffer.from(JSON.stringify({ name: "é" }), "latin1")],
    ["a surrogate in UTF-8", () => Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ["a byte 0 behind", () => Buffer.from(`${good()}\0`)],
    ["two objects", () => Buffer.from(good() + good())],
    ["gzip", () => gzipSync(good()), { "content-encoding": "gzip" }],
    ["a million opening brackets", () => Buffer.from("[".repeat(1_000_000))],
    ["a million brackets", () => Buffer.from("[".repeat(500_000) + "]".repeat(500_000))],
    ["200,000 opening objects", () => Buffer.from('{"a":'.repeat(200_000))],
    ["brackets in a string", () => Buffer.from(JSON.stringify({ event: "[".repeat(100_000) }))],
    ["a quote that never ends", () => Buffer.from(`{"event":"${"\\".repeat(500_001)}`)],
    ["white space only", () => Buffer.from(" ".repeat(1_000_000))],
    ["a number that never ends", () => Buffer.from(`{"a":${"1".repeat(1_000_000)}`)],
    ["random bytes", () => randomBytes(100_000)],
    ["exactly 1 MiB", () => padTo(1024 * 1024)],
    ["one byte too many", () => padTo(1024 * 1024 + 1)],
    ["an id of 2 MB", () => Buffer.from(JSON.stringify(createEnvelope("2 MB", { visitorId: "x".repeat(2_000_000) })))],
    ["another type", () => Buffer.from(good()), { "content-type": "text/html" }],
    ["a strange header", () => Buffer.from(good()), { "x-strange": "\u00ff\u00fe\t'\"\\{}", "user-agent": "é" }],
    ["a long header", () => Buffer.from(good()), { "x-long": "x".repeat(8_000) }],
    ["without a length", () => Buffer.from(good()), { "transfer-encoding": "chunked" }],
  ];
  return [
    ...own.map(([name, body, headers]): Poison => ({ name, body, ...(headers && { headers }) })),
    ...listJsonDocuments().map(({ name, body }): Poison => ({ name, body: () => body })),
  ];
}

function padTo(bytes: number): Buffer {
  const envelope = createEnvelope(`padded to ${bytes}`, { properties: { name: "Padded" }, userAgent: "" });
  const missing = bytes - Buffer.byteLength(JSON.stringify(envelope));
  return Buffer.from(JSON.stringify({ ...envelope, userAgent: "x".repeat(missing) }));
}

function listJsonDocuments(): { name: string; body: Buffer }[] {
  if (!hasCorpus("json-test-suite")) return [];
  return ["test_parsing", "test_transform"].flatMap((part) => listDocuments(`json-test-suite/${part}`));
}

/** Every value in every field; of those from the corpora one in `everyCorpus`, of the large ones one in `everyLarge`. */
export function listFieldPoisons({ everyCorpus, everyLarge }: { everyCorpus: number; everyLarge: number }): Poison[] {
  const strings = (hasCorpus("naughty-strings") ? [...new Set(listNaughtyStrings())] : []).map(
    (string, index): Nasty => ({ name: `naughty string ${index}`, json: JSON.stringify(string) }),
  );
  const documents = listJsonDocuments().flatMap(({ name, body }): Nasty[] => {
    const text = body.toString("utf8");
    return isJson(body, text) ? [{ name, json: text }] : [];
  });
  const nearlySame = nearlyTheSame.map(
    (id, index): Nasty => ({ name: `id ${index}, ${JSON.stringify(id.slice(-12))}`, json: JSON.stringify(id) }),
  );
  const corpora = new Set([...documents, ...strings]);
  let fromCorpora = 0;
  let large = 0;
  return fields.flatMap((field) => {
    const distinct = distinctFor(field, [...smallNasties, ...(field.id ? nearlySame : []), ...corpora]);
    const chosen = [
      ...distinct.filter((nasty) => !corpora.has(nasty) || fromCorpora++ % everyCorpus === 0),
      ...largeNasties.filter(() => large++ % everyLarge === 0),
    ];
    return chosen.flatMap((nasty) => createFieldPoison(field, nasty) ?? []);
  });
}

function isJson(bytes: Buffer, text: string): boolean {
  try {
    JSON.parse(text);
    return Buffer.from(text).equals(bytes);
  } catch {
    return false;
  }
}

/** Where the value is the delivery's own id, the same id twice would rightly be one delivery. */
function distinctFor(field: Field, nasties: readonly Nasty[]): Nasty[] {
  if (field.id !== "unique") return [...nasties];
  const byId = new Map<string, Nasty>();
  for (const nasty of nasties) {
    const id = JSON.stringify(JSON.parse(nasty.json)).replace(/^(-?\d+)$/, '"$1"');
    if (!byId.has(id)) byId.set(id, nasty);
  }
  return [...byId.values()];
}

function createFieldPoison(field: Field, { name, json }: Nasty): Poison | undefined {
  // Short, and another one for each: it becomes the app's id, and what uniqueId is made of.
  const marker = createHash("sha1").update(`${field.name} ${name}`).digest("hex").slice(0, 16);
  const text = field.write(json, marker);
  if (text === undefined) return undefined;
  return { name: `${name} as ${field.name}`, body: () => Buffer.from(text), field, json };
}
