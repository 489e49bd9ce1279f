// Reads raw bodies, each up to a limit, and all together up to another: a client that announces a megabyte and stops in
// the middle holds what it has sent for a minute, and thousands of them would hold all memory there is.
import type { IncomingMessage } from "node:http";

export type ReadBody = {
  /** Empty unless it is whole. */
  body: Buffer;
  /** Bytes that were sent, or announced where they were not read. */
  size: number;
  /** "no-room": too much is being read at the same time. */
  end: "whole" | "too-large" | "no-room";
};

/** Rejects when the sender goes away in the middle. */
export type BodyReader = (request: IncomingMessage) => Promise<ReadBody>;

const nothing = Buffer.alloc(0);
/** What is too large is still read and thrown away up to here, so that the sender gets to see the answer. */
const mostDiscarded = 8 * 1024 * 1024;
/** Ten times what Pendo sends: a body up to here is read whatever the others hold. */
const alwaysRead = 16 * 1024;

export function createBodyReader({
  largest,
  mostAtOnce = 128 * 1024 * 1024,
}: {
  largest: number;
  /** Bytes of unfinished bodies that are held at the same time. */
  mostAtOnce?: number;
}): BodyReader {
  let held = 0;

  return (request) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > mostDiscarded)
      return Promise.resolve({ body: nothing, size: Math.min(announced, 2 ** 31 - 1), end: "too-large" });
    return new Promise((resolve, reject) => {
      let chunks: Buffer[] = [];
      let size = 0;
      let own = 0;
      let isRefused = false;
      const letGo = () => {
        chunks = [];
        held -= own;
        own = 0;
      };
      request.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > largest) letGo();
        else if (!isRefused) {
          chunks.push(chunk);
          own += chunk.length;
          held += chunk.length;
          isRefused = held > mostAtOnce && size > alwaysRead;
          if (isRefused) {
            letGo();
            resolve({ body: nothing, size, end: "no-room" });
          }
        }
        if (size > mostDiscarded) resolve({ body: nothing, size, end: "too-large" });
      });
      request.on("end", () => {
        const isWhole = size <= largest && !isRefused;
        const body = !isWhole ? nothing : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
        letGo();
        resolve({ body, size, end: isWhole ? "whole" : "too-large" });
      });
      request.on("close", () => {
        letGo();
        // It closes after its end too, and an error with its stack costs more than reading the body.
        if (!request.complete) reject(new Error("the sender went away"));
      });
    });
  };
}
