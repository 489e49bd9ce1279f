import type { IncomingMessage } from "node:http";

export type ReadBody = {
  body: Buffer;
  /** Bytes that were sent, or announced where they were not read. */
  size: number;
  /** False: it was larger than the limit; `body` is empty. */
  isComplete: boolean;
};

const nothing = Buffer.alloc(0);
/** What is too large is still read and thrown away up to here, so that the sender gets to see the answer. */
const mostDiscarded = 8 * 1024 * 1024;

/** Reads the raw body up to `limit` bytes. Rejects when the sender goes away in the middle. */
export function readBody(request: IncomingMessage, limit: number): Promise<ReadBody> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > mostDiscarded)
    return Promise.resolve({ body: nothing, size: Math.min(announced, 2 ** 31 - 1), isComplete: false });
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
      if (size > mostDiscarded) resolve({ body: nothing, size, isComplete: false });
    });
    request.on("end", () => {
      const isComplete = size <= limit;
      resolve({
        body: !isComplete ? nothing : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size),
        size,
        isComplete,
      });
    });
    // A broken request closes too; without a listener of its own its error is not thrown.
    request.on("close", () => {
      // It closes after its end too, and an error with its stack costs more than reading the body.
      if (!request.complete) reject(new Error("the sender went away"));
    });
  });
}
