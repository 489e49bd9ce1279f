// What a server on the other side can do to whoever calls it, once it may be called.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { catchOutgoingError } from "../../../test/support/catch-outgoing-error.ts";
import { startCountingServer } from "../../../test/support/counting-server.ts";
import { createOpenFolder } from "../../../test/support/plumbline-process.ts";
import { silentLog } from "../../../test/support/test-database.ts";
import { parseAllowList } from "./allow-list.ts";
import { createOutgoing, type Outgoing, type OutgoingLimits, type OutgoingRequest } from "./outgoing.ts";

const { allowed } = parseAllowList("127.0.0.0/8");
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function create(limits: Partial<OutgoingLimits> = {}): Outgoing {
  const outgoing = createOutgoing({ log: silentLog, allowed, resolve: async () => ["127.0.0.1"], limits });
  stops.push(outgoing.stop);
  return outgoing;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = await startCountingServer(listener);
  stops.push(server.stop);
  return `http://hooks.test:${server.port}`;
}

/** A server that speaks bytes. */
async function serveBytes(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  const port = await listen(server);
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return `http://hooks.test:${port}`;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const get: OutgoingRequest = { method: "GET" };

test("a request arrives as it was meant, and its answer comes back whole", async () => {
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(418, { "x-from": "there" });
    const { method, url: path, headers } = request;
    response.end(JSON.stringify({ method, path, headers, body: Buffer.concat(chunks).toString() }));
  });
  const headers = { "Content-Type": "application/json", "X-Signature": "v1,abc" };
  const answer = await create().request(`${url}/a/b?c=d#e`, { method: "POST", headers, body: '{"ä":1}' });
  expect(answer).toMatchObject({ status: 418, headers: { "x-from": "there" }, redirectsTo: undefined });
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    method: "POST",
    path: "/a/b?c=d",
    body: '{"ä":1}',
    headers: {
      "content-type": "application/json",
      "x-signature": "v1,abc",
      "user-agent": "Plumbline",
      host: url.slice(7),
    },
  });
});

test.each([301, 302, 303, 307, 308])("a redirect (%d) is an answer, and nobody goes there", async (status) => {
  const hidden = await startCountingServer();
  stops.push(hidden.stop);
  const location = `http://127.0.0.1:${hidden.port}/`;
  const url = await serve((_request, response) => response.writeHead(status, { location }).end("moved"));
  const answer = await create().request(url, { method: "POST", body: "x" });
  expect(answer).toMatchObject({ status, redirectsTo: location, body: Buffer.from("moved") });
  expect(hidden.connections()).toBe(0);
});

const pack = { gzip: gzipSync, "x-gzip": gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;

test.each(Object.entries(pack))("an answer packed with %s is unpacked, up to the limit", async (encoding, packed) => {
  const bomb = packed(Buffer.alloc(50_000_000, "a"));
  const url = await serve((request, response) => {
    response.setHeader("content-encoding", encoding);
    response.end(request.url === "/bomb" ? bomb : packed("a".repeat(1_000)));
  });
  const outgoing = create({ bytes: 100_000 });
  expect((await outgoing.request(url, get)).body.toString()).toBe("a".repeat(1_000));
  const before = process.memoryUsage().arrayBuffers;
  const error = await catchOutgoingError(outgoing.request(`${url}/bomb`, get));
  expect(error).toMatchObject({ trouble: "too-large", next: "give-up", status: 200 });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test("packed bytes that unpack to nothing are counted as well", async () => {
  const nothing = gzipSync("");
  let sent = 0;
  const url = await serve((_request, response) => {
    response.setHeader("content-encoding", "gzip");
    const more = () => {
      while (sent < 50_000_000 && response.write(Buffer.concat(new Array(1_000).fill(nothing)))) sent += 20_000;
    };
    response.on("drain", more);
    more();
  });
  expect(await catchOutgoingError(create({ bytes: 100_000 }).request(url, get))).toMatchObject({
    trouble: "too-large",
  });
  expect(sent).toBeLessThan(50_000_000);
});

test.each([
  ["gzip", "not packed at all"],
  ["br", "not packed at all"],
  ["deflate", "not packed at all"],
  ["gzip", gzipSync("half of it").subarray(0, 15)],
  ["zstd", "whatever"],
  ["gzip, gzip", gzipSync(gzipSync("twice"))],
])("packed as %s, but %s: nobody can read it", async (encoding, body) => {
  const url = await serve((_request, response) => response.setHeader("content-encoding", encoding).end(body));
  expect(await catchOutgoingError(create().request(url, get))).toMatchObject({
    trouble: "wrong-content",
    next: "give-up",
    status: 200,
  });
});

test("an answer without a body needs no unpacking", async () => {
  const url = await serve((request, response) =>
    response.writeHead(request.method === "GET" ? 204 : 200, { "content-encoding": "gzip" }).end(),
  );
  const outgoing = create();
  expect(await outgoing.request(url, get)).toMatchObject({ status: 204, body: Buffer.alloc(0) });
  expect(await outgoing.request(url, { method: "HEAD" })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
});

test("exactly as many bytes as wanted are taken, one more is not; a request may want fewer", async () => {
  const url = await serve((request, response) => response.end("a".repeat(Number(request.url!.slice(1)))));
  const outgoing = create({ bytes: 1_000 });
  expect((await outgoing.request(`${url}/1000`, get)).body).toHaveLength(1_000);
  expect(await catchOutgoingError(outgoing.request(`${url}/1001`, get))).toMatchObject({ trouble: "too-large" });
  expect(await catchOutgoingError(outgoing.request(`${url}/11`, { ...get, mostBytes: 10 }))).toMatchObject({
    message: "The answer is larger than 10 bytes: it was not read to its end.",
  });
});

test("a body without an end and headers without an end are left alone", async () => {
  const endless = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.on("drain", more);
    more();
  });
  expect(await catchOutgoingError(create().request(endless, get))).toMatchObject({ trouble: "too-large" });
  const talkative = await serveBytes((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const more = () => {
      while (!socket.destroyed && socket.write(`x-header: ${"a".repeat(1_000)}\r\n`));
    };
    socket.on("drain", more);
    more();
  });
  expect(await catchOutgoingError(create().request(talkative, get))).toMatchObject({ trouble: "wrong-content" });
});

const slowly: [string, (socket: Socket) => void][] = [
  ["nothing is said", () => {}],
  ["headers drip", (socket) => drip(socket, "HTTP/1.1 200 OK\r\nx-slow: ")],
  ["a body drips", (socket) => drip(socket, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")],
  ["early answers without an end", (socket) => drip(socket, "", "HTTP/1.1 102 Processing\r\n\r\n")],
];

function drip(socket: Socket, beginning: string, drop = "a"): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write(drop), 20);
  socket.on("close", () => clearInterval(timer));
}

test.each(slowly)("it is over in time although %s", async (_name, onConnection) => {
  const url = await serveBytes(onConnection);
  const startedAt = performance.now();
  const error = await catchOutgoingError(create().request(url, { ...get, timeoutMs: 400 }));
  expect(error).toMatchObject({ trouble: "timed-out", next: "try-again" });
  expect(performance.now() - startedAt).toBeGreaterThan(390);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("a body that stops is not waited for as long as one that goes on may take", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("a");
  });
  const error = await catchOutgoingError(create({ idleMs: 300, totalMs: 60_000 }).request(url, get));
  expect(error).toMatchObject({ trouble: "timed-out", status: 200 });
});

test("a name that is looked up for too long counts into the time for everything", async () => {
  const outgoing = createOutgoing({ log: silentLog, resolve: () => new Promise(() => {}) });
  stops.push(outgoing.stop);
  expect(await catchOutgoingError(outgoing.request("http://slow.test/", { ...get, timeoutMs: 200 }))).toMatchObject({
    trouble: "timed-out",
  });
});

test.each<[string, (socket: Socket) => void, string]>([
  ["hangs up", (socket) => socket.destroy(), "not-reachable"],
  ["speaks something else", (socket) => socket.end("220 mail.example ESMTP\r\n"), "wrong-content"],
  ["breaks off", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"), "half-answer"],
  [
    "breaks off in pieces",
    (socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha"),
    "half-answer",
  ],
])("a server that %s", async (_name, onConnection, trouble) => {
  const url = await serveBytes((socket) => socket.once("data", () => onConnection(socket)));
  expect(await catchOutgoingError(create().request(url, get))).toMatchObject({ trouble });
});

test("nobody listens there", async () => {
  const port = await listen(createServer().unref());
  const closed = createServer();
  const free = await listen(closed);
  await new Promise((done) => closed.close(done));
  expect(free).not.toBe(port);
  const error = await catchOutgoingError(create().request(`http://hooks.test:${free}/`, get));
  expect(error.message).toBe("The host is not reachable (ECONNREFUSED): check it, or try again later.");
});

test.each([
  ["Host", "other.test"],
  ["connection", "upgrade"],
  ["Transfer-Encoding", "chunked"],
  ["content-length", "3"],
  ["Upgrade", "h2c"],
  ["x-evil", "1\r\nHost: other.test"],
  ["x-evil\r\nHost", "other.test"],
  ["x evil", "1"],
  ["x-evil", "☃"],
  ["", "1"],
])("the header %j: %j is not sent", async (name, value) => {
  const error = await catchOutgoingError(
    create().request("http://hooks.test/", { ...get, headers: { [name]: value } }),
  );
  expect(error).toMatchObject({ trouble: "request-invalid" });
  expect(error.message).not.toContain("other.test");
});

test("who stops ends what is under way and begins nothing", async () => {
  const url = await serveBytes(() => {});
  const outgoing = create();
  const waiting = catchOutgoingError(outgoing.request(url, get));
  await outgoing.stop();
  expect(await waiting).toMatchObject({ trouble: "stopped", next: "try-again" });
  expect(await catchOutgoingError(outgoing.request(url, get))).toMatchObject({ trouble: "stopped" });
});

const hasOpenssl = (() => {
  try {
    execFileSync("openssl", ["version"]);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasOpenssl)("a certificate that nobody vouches for is refused before anything is sent", async () => {
  const folder = createOpenFolder();
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const what = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const name = ["-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test"];
  execFileSync("openssl", ["req", ...what, ...name, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
  let requests = 0;
  const server = createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (_request, response) => {
    requests += 1;
    response.end();
  });
  const port = await listen(server);
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true, force: true });
  });
  const error = await catchOutgoingError(create().request(`https://hooks.test:${port}/`, get));
  expect(error).toMatchObject({ trouble: "certificate-refused", next: "fix-address" });
  expect(error.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(requests).toBe(0);
});
