import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type BodyReader, createBodyReader, type ReadBody } from "./read-body.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that reads bodies, and what it read, by the path that was asked for. */
async function listen(reader: BodyReader): Promise<{ port: number; read: Map<string, Promise<ReadBody>> }> {
  const read = new Map<string, Promise<ReadBody>>();
  server = createServer((incoming, response) => {
    const reading = reader(incoming);
    read.set(incoming.url!, reading);
    reading.then(
      ({ end }) => response.end(end),
      () => {},
    );
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, read };
}

function post(port: number, path: string, announced: number) {
  const outgoing = request({ port, path, method: "POST", headers: { "content-length": announced } });
  outgoing.on("error", () => {});
  const answer = new Promise<string>((resolve) => {
    outgoing.on("response", (response) => response.on("data", (chunk) => resolve(String(chunk))));
  });
  return { outgoing, answer };
}

test("a body comes whole, in however many pieces; one that is too large comes empty, with its size", async () => {
  const { port, read } = await listen(createBodyReader({ largest: 100_000 }));
  const whole = post(port, "/whole", 100_000);
  whole.outgoing.write(Buffer.alloc(40_000, "a"));
  whole.outgoing.end(Buffer.alloc(60_000, "b"));
  expect(await whole.answer).toBe("whole");
  const { body, size } = await read.get("/whole")!;
  expect(body.equals(Buffer.concat([Buffer.alloc(40_000, "a"), Buffer.alloc(60_000, "b")]))).toBe(true);
  expect(size).toBe(100_000);
  const large = post(port, "/large", 100_001);
  large.outgoing.end(Buffer.alloc(100_001));
  expect(await large.answer).toBe("too-large");
  expect(await read.get("/large")).toMatchObject({ size: 100_001 });
});

test("unfinished bodies hold so much together; what is more finds no room, small ones always do", async () => {
  const { port } = await listen(createBodyReader({ largest: 1_000_000, mostAtOnce: 200_000 }));
  const stopping = post(port, "/stopping", 200_000);
  await new Promise<void>((resolve) => stopping.outgoing.write(Buffer.alloc(190_000), () => resolve()));
  const small = post(port, "/small", 15_000);
  small.outgoing.end(Buffer.alloc(15_000));
  expect(await small.answer).toBe("whole");
  const second = post(port, "/second", 30_000);
  second.outgoing.end(Buffer.alloc(30_000));
  expect(await second.answer).toBe("no-room");

  stopping.outgoing.end(Buffer.alloc(10_000));
  expect(await stopping.answer).toBe("whole");
  const third = post(port, "/third", 190_000);
  third.outgoing.end(Buffer.alloc(190_000));
  expect(await third.answer).toBe("whole");
});

test("who goes away in the middle lets go of what was held", async () => {
  const { port, read } = await listen(createBodyReader({ largest: 1_000_000, mostAtOnce: 200_000 }));
  const leaving = post(port, "/leaving", 200_000);
  await new Promise<void>((resolve) => leaving.outgoing.write(Buffer.alloc(190_000), () => resolve()));
  await expect.poll(() => read.has("/leaving")).toBe(true);
  leaving.outgoing.destroy();
  await expect(read.get("/leaving")).rejects.toThrow("went away");
  const next = post(port, "/next", 190_000);
  next.outgoing.end(Buffer.alloc(190_000));
  expect(await next.answer).toBe("whole");
});
