// A flood: many connections, each with a request under way, sent on time or as fast as the answers come. Runs as a
// program of its own (start-flood.ts), so that it measures the service and not itself: node dist/run/faults-flood.js <json>.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { sign } from "../../support/sender.ts";
import { createEnvelope } from "./deliveries.ts";

export type FloodOptions = {
  url: string;
  secret: string;
  sockets: number;
  /** Requests a second, all connections together; 0: each connection sends again as soon as it is answered. */
  rate: number;
  seconds: number;
  bodyBytes: number;
  /** Different bodies; when they are used up they come again, as duplicates. */
  bodies: number;
  seed: string;
};

export type FloodResult = {
  answered: number;
  byStatus: Record<string, number>;
  seconds: number;
  /** Of what was acknowledged, in milliseconds. */
  p50: number;
  p99: number;
  acknowledgedIds: string[];
  /** Refusals (503, 429) that did not say when to try again. */
  withoutRetryAfter: number;
};

type Client = { socket: Socket; buffer: string; sentAt: number };

async function flood(options: FloodOptions, onBegin: () => void): Promise<FloodResult> {
  const url = new URL(options.url);
  const requests = Array.from({ length: options.bodies }, (_, index) => createRequest(url, options, index));
  const idle: Client[] = [];
  const times: number[] = [];
  const result = {
    answered: 0,
    byStatus: {} as Record<string, number>,
    acknowledgedIds: [] as string[],
    withoutRetryAfter: 0,
  };
  let next = 0;
  let isOver = false;

  function send(client: Client): void {
    client.sentAt = performance.now();
    client.socket.write(requests[next % requests.length]!);
    next += 1;
  }

  function read(client: Client, chunk: Buffer): void {
    client.buffer += chunk.toString("latin1");
    const end = client.buffer.indexOf("\r\n\r\n");
    if (end === -1) return;
    const head = client.buffer.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (client.buffer.length < end + 4 + length) return;
    const body = client.buffer.slice(end + 4, end + 4 + length);
    client.buffer = client.buffer.slice(end + 4 + length);
    count(client, head, body);
    if (options.rate === 0 && !isOver) send(client);
    else idle.push(client);
  }

  function count({ sentAt }: Client, head: string, body: string): void {
    const status = head.slice(9, 12);
    result.answered += 1;
    result.byStatus[status] = (result.byStatus[status] ?? 0) + 1;
    if (status === "200") {
      times.push(performance.now() - sentAt);
      result.acknowledgedIds.push(JSON.parse(body).deliveryId);
    } else if (!/\r\nretry-after: [1-9]/i.test(head)) result.withoutRetryAfter += 1;
  }

  async function open(): Promise<void> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    const client: Client = { socket, buffer: "", sentAt: 0 };
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("data", (chunk) => read(client, chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      if (!isOver) result.byStatus.closed = (result.byStatus.closed ?? 0) + 1;
    });
    idle.push(client);
  }

  for (let opened = 0; opened < options.sockets; opened += 100)
    await Promise.all(Array.from({ length: Math.min(100, options.sockets - opened) }, open));
  const all = [...idle];
  onBegin();
  const start = performance.now();
  if (options.rate === 0) for (const client of idle.splice(0)) send(client);
  while (performance.now() - start < options.seconds * 1_000) {
    const due = ((performance.now() - start) / 1_000) * options.rate;
    while (options.rate > 0 && next < due && idle.length > 0) send(idle.shift()!);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  isOver = true;
  const seconds = (performance.now() - start) / 1_000;
  // What is under way is still answered.
  for (let waited = 0; idle.length < all.length && waited < 30_000; waited += 20)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (const { socket } of all) socket.destroy();
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { ...result, seconds, p50: at(0.5), p99: at(0.99) };
}

function createRequest(url: URL, { secret, bodyBytes, seed }: FloodOptions, index: number): Buffer {
  const marker = `${seed}-${index}`;
  const eventProperties = { filling: randomBytes(Math.max(0, bodyBytes - 500) / 2).toString("hex") };
  const properties = { name: "Flood", eventProperties };
  const body = Buffer.from(JSON.stringify(createEnvelope(marker, { visitorId: `visitor-${index % 500}`, properties })));
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\nx-pendo-signature: ${sign(secret, body)}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

if (process.argv[2]?.startsWith("{")) {
  const result = await flood(JSON.parse(process.argv[2]), () => process.stdout.write("begun\n"));
  process.stdout.write(JSON.stringify(result));
}
