// A name server on the loopback, over UDP, that says what a test wants it to say. It keeps what it was asked.
import { createSocket, type RemoteInfo } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { createResolveName, type ResolveName } from "../../src/platform/outgoing/resolve-name.ts";

export type DnsRecord = { type: "A" | "AAAA" | "CNAME"; name?: string; value: string; ttl?: number };
export type DnsAnswer =
  | readonly DnsRecord[]
  | "no-such-name"
  | "server-failure"
  | "refused"
  | "silence"
  /** An answer to a question of another number, as somebody sends who has to guess it. */
  | "wrong-id"
  | "garbage";
export type DnsQuestion = { name: string; type: "A" | "AAAA" };

export type DnsServer = {
  questions: DnsQuestion[];
  resolve: ResolveName;
  stop: () => Promise<void>;
};

const typeNumbers = { A: 1, CNAME: 5, AAAA: 28 } as const;
const codes = { "no-such-name": 3, "server-failure": 2, refused: 5 } as const;

/** `timeoutMs`: how long the resolver waits, once. */
export async function startDnsServer(
  answer: (question: DnsQuestion) => DnsAnswer,
  { timeoutMs = 300 } = {},
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const questions: DnsQuestion[] = [];
  socket.on("message", (query: Buffer, from: RemoteInfo) => {
    const question = readQuestion(query);
    questions.push({ name: question.name, type: question.type });
    const reply = createReply(query, question, answer(question));
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  const resolve = createResolveName(() => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return resolver;
  });
  return { questions, resolve, stop: () => new Promise((done) => socket.close(() => done())) };
}

function readQuestion(query: Buffer): DnsQuestion & { end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1) === typeNumbers.AAAA ? "AAAA" : "A";
  return { name: labels.join(".").toLowerCase(), type, end: at + 5 };
}

function createReply(query: Buffer, question: DnsQuestion & { end: number }, answer: DnsAnswer): Buffer | undefined {
  if (answer === "silence") return undefined;
  if (answer === "garbage") return Buffer.from("not a message of DNS");
  const records = typeof answer === "string" ? [] : answer;
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  if (answer === "wrong-id") head.writeUInt16BE(query.readUInt16BE(0) ^ 0xffff, 0);
  const code = typeof answer === "string" && answer in codes ? codes[answer as keyof typeof codes] : 0;
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([
    head,
    query.subarray(12, question.end),
    ...records.map((record) => createRecord(record, question)),
  ]);
}

function createRecord({ type, name, value, ttl = 60 }: DnsRecord, question: DnsQuestion): Buffer {
  const data = type === "CNAME" ? createName(value) : createAddress(value);
  const middle = Buffer.alloc(10);
  middle.writeUInt16BE(typeNumbers[type], 0);
  middle.writeUInt16BE(1, 2);
  middle.writeUInt32BE(ttl, 4);
  middle.writeUInt16BE(data.length, 8);
  return Buffer.concat([createName(name ?? question.name), middle, data]);
}

const createName = (name: string) =>
  Buffer.concat([
    ...name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.alloc(1),
  ]);

function createAddress(text: string): Buffer {
  if (!text.includes(":")) return Buffer.from(text.split(".").map(Number));
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const read = (part: string | undefined) => (part ? part.split(":") : []);
  const [first, last] = [read(head), read(tail)];
  const groups = [...first, ...new Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}
