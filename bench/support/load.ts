// The load generator: raw keep-alive sockets and requests that were built before the clock starts, so that it costs the
// shared cores as little as possible. Runs as a program of its own: node dist/run/bench-support-load.js <json options>.
import { createHash, createHmac } from "node:crypto";
import { connect, type Socket } from "node:net";

export type LoadOptions = {
  url: string;
  secret: string;
  connections: number;
  /** Requests, all different. */
  count: number;
  /** Requests a second, scheduled from the start (open loop); 0: as fast as the answers come (closed loop). */
  rate: number;
  /** Size of a body in bytes, about. */
  bodyBytes: number;
  seed: string;
  /** Stops sending after this many milliseconds. */
  mostMs?: number;
};

export type LoadResult = {
  sent: number;
  answered: number;
  byStatus: Record<string, number>;
  seconds: number;
  perSecond: number;
  p50: number;
  p99: number;
  worst: number;
  acknowledged: string[];
  /** Processor time that sending and reading answers took, in milliseconds; building the requests is not in it. */
  cpuMs: number;
};

const kinds = [
  "trackEventReceived",
  "guideDisplayed",
  "pollSubmitted",
  "npsSubmitted",
  "trackEventReceived",
  "npsDisplayed",
  "trackEventReceived",
  "guideDisplayed",
];

/** A body as Pendo sends it; every one has its own uniqueId. */
export function buildBody(index: number, seed: string, bytes: number): { uniqueId: string; body: Buffer } {
  const kind = kinds[index % kinds.length]!;
  const uniqueId = createHash("sha1").update(`${seed} ${index}`).digest("hex");
  const guideProperties = {
    createdAt: 1591024335185,
    createdByUser: { username: "pendo-user@example.com" },
    id: "FjHsQ7S8z0ircYxe3vO4GHawvwI",
    lastUpdatedAt: 1626804377122,
    name: "Quarterly NPS",
    steps: [{ id: "WkaB4F2droQ5sSqd-FvC7H9coJQ", lastUpdatedAt: 1619546765626, resetAt: 1592592811776, type: "" }],
  };
  const guide = {
    guideId: `guide-${index % 50}`,
    guideProperties,
    guideStepId: "WkaB4F2droQ5sSqd-FvC7H9coJQ",
    language: "en-US",
  };
  const properties: Record<string, unknown> =
    kind === "trackEventReceived"
      ? {
          eventProperties: {
            fromTier: "basic",
            toTier: "pro",
            seats: index % 500,
            nested: { flags: [true, false], note: "Überraschung 🙂" },
          },
          name: `Event ${index % 40}`,
          source: "web",
        }
      : kind === "npsSubmitted"
        ? {
            ...guide,
            nps: { rating: index % 11, reason: index % 3 === 0 ? "Keep up the great work!" : null, source: "web" },
          }
        : kind === "pollSubmitted"
          ? { ...guide, pollId: `poll-${index % 20}`, pollType: "NumberScale", pollResponse: index % 10 }
          : guide;
  const message = {
    app: { id: -323232, name: "test_application", platform: "web" },
    accountId: `account-${index % 500}`,
    subscription: { id: 4802463602049999, name: "test_application" },
    userAgent:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.164 Safari/537.36",
    event: kind,
    properties,
    timestamp: Math.floor(Date.now() / 1000) - (index % 86_400),
    visitorId: `visitor-${(index * 7) % 5_000}`,
    uniqueId,
  };
  const bare = JSON.stringify(message);
  // What fills the body up to its size is words of the agent's kind, as different from body to body as real ones.
  const filler = createHash("sha512")
    .update(uniqueId)
    .digest("base64")
    .repeat(20)
    .slice(0, Math.max(0, bytes - bare.length - 14));
  return {
    uniqueId,
    body: Buffer.from(
      filler === "" ? bare : JSON.stringify({ ...message, userAgent: `${message.userAgent} ${filler}` }),
    ),
  };
}

function buildRequest(url: URL, options: LoadOptions, index: number): Buffer {
  const { body } = buildBody(index, options.seed, options.bodyBytes);
  const signature = createHmac("sha256", options.secret).update(body).digest("hex");
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\nuser-agent: Pendo\r\nx-pendo-signature: ${signature}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const url = new URL(options.url);
  const requests = Array.from({ length: options.count }, (_, index) => buildRequest(url, options, index));
  const latencies: number[] = [];
  const byStatus: Record<string, number> = {};
  const acknowledged: string[] = [];
  let next = 0;
  let answered = 0;
  let start = 0;
  let cpuAtStart = process.cpuUsage();
  let isOver = false;

  return new Promise((resolve) => {
    const free: Connection[] = [];
    const connections = new Set<Connection>();

    type Connection = { socket: Socket; buffer: string; sentAt: number; isBusy: boolean };

    function open(onReady: () => void): void {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
      const connection: Connection = { socket, buffer: "", sentAt: 0, isBusy: false };
      connections.add(connection);
      socket.on("connect", onReady);
      socket.on("connect", () => free.push(connection));
      socket.on("data", (chunk) => read(connection, chunk));
      socket.on("error", () => {});
      socket.on("close", () => {
        connections.delete(connection);
        if (connection.isBusy) settle(connection, "closed", "");
        if (!isOver) setTimeout(() => open(() => {}), 50);
      });
    }

    function read(connection: Connection, chunk: Buffer): void {
      // A server that is tired of a connection without a request says 408 and closes it: that is no answer to anything.
      if (!connection.isBusy) return;
      connection.buffer += chunk.toString("latin1");
      const end = connection.buffer.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(connection.buffer.slice(0, end))?.[1] ?? 0);
      if (connection.buffer.length < end + 4 + length) return;
      const status = connection.buffer.slice(9, 12);
      const body = connection.buffer.slice(end + 4, end + 4 + length);
      connection.buffer = connection.buffer.slice(end + 4 + length);
      settle(connection, status, body);
      if (!connection.socket.destroyed) {
        if (options.rate === 0) send(connection);
        else free.push(connection);
      }
    }

    function settle(connection: Connection, status: string, body: string): void {
      connection.isBusy = false;
      answered += 1;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (status === "200") {
        latencies.push(performance.now() - connection.sentAt);
        const id = /"deliveryId":"([^"]+)"/.exec(body)?.[1];
        if (id) acknowledged.push(id);
      }
      if (answered === next && (next === requests.length || isOver)) finish();
    }

    function send(connection: Connection, scheduledAt = performance.now()): void {
      if (isOver || next === requests.length) return;
      connection.isBusy = true;
      connection.sentAt = scheduledAt;
      connection.socket.write(requests[next]!);
      next += 1;
    }

    function sendDue(): void {
      const now = performance.now();
      // Latency counts from the scheduled time: a request that finds no free connection waits, and its wait counts.
      while (next < requests.length && !isOver && free.length > 0) {
        const scheduledAt = start + (next * 1000) / options.rate;
        if (scheduledAt > now) break;
        const connection = free.pop()!;
        if (connection.socket.destroyed) continue;
        send(connection, scheduledAt);
      }
      if (next < requests.length && !isOver) setTimeout(sendDue, 1);
    }

    function finish(): void {
      const seconds = (performance.now() - start) / 1000;
      const cpu = process.cpuUsage(cpuAtStart);
      isOver = true;
      for (const { socket } of connections) socket.destroy();
      latencies.sort((one, other) => one - other);
      const at = (share: number) =>
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
      resolve({
        sent: next,
        answered,
        byStatus,
        seconds,
        perSecond: (byStatus["200"] ?? 0) / seconds,
        p50: at(0.5),
        p99: at(0.99),
        worst: latencies.at(-1) ?? Number.NaN,
        acknowledged,
        cpuMs: (cpu.user + cpu.system) / 1000,
      });
    }

    let ready = 0;
    for (let index = 0; index < options.connections; index += 1) {
      open(() => {
        ready += 1;
        if (ready !== options.connections) return;
        start = performance.now();
        cpuAtStart = process.cpuUsage();
        if (options.mostMs !== undefined)
          setTimeout(() => {
            isOver = true;
            if (answered === next) finish();
          }, options.mostMs);
        if (options.rate > 0) sendDue();
        else
          setImmediate(() => {
            for (const connection of [...free.splice(0)]) send(connection);
          });
      });
    }
  });
}

if (process.argv[2]?.startsWith("{")) {
  const { acknowledged, ...result } = await runLoad(JSON.parse(process.argv[2]));
  process.stdout.write(JSON.stringify({ ...result, acknowledged: acknowledged.length }));
}
