// Reads the body of an answer from somebody we do not know: no more bytes than wanted, packed or unpacked.

import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { OutgoingError } from "./outgoing-error.ts";

export type OutgoingBody = {
  body: Readable;
  /** As the header says it. */
  encoding: string | undefined;
  mostBytes: number;
  status: number;
};

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
export const acceptedEncodings = "gzip, br";

/** Rejects with an OutgoingError, or with the socket's. */
export async function readOutgoingBody({ body, encoding, mostBytes, status }: OutgoingBody): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() || "identity";
  const createDecoder = decoders[name];
  if (!createDecoder && name !== "identity") {
    // Without a listener, undici's error about its end would be nobody's and end the process.
    body.on("error", () => {}).destroy();
    throw new OutgoingError("wrong-content", "The answer is packed in a way that is not read.", { status });
  }
  const limit = createLimit(mostBytes, status);
  const chunks: Uint8Array[] = [];
  async function keep(source: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of limit(source)) chunks.push(chunk);
  }
  try {
    // Packed bytes count, too: they can be endless and unpack to nothing.
    if (createDecoder) await pipeline(body, limit, createDecoder(), keep);
    else await pipeline(body, keep);
  } catch (error) {
    if (!/^(Z_|ERR_BROTLI|ERR__ERROR)/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    throw new OutgoingError("wrong-content", "The answer is not packed as it says.", { status, cause: error });
  }
  return Buffer.concat(chunks);
}

function createLimit(mostBytes: number, status: number) {
  return async function* limit(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > mostBytes)
        throw new OutgoingError(
          "too-large",
          `The answer is larger than ${mostBytes} bytes: it was not read to its end.`,
          {
            status,
          },
        );
      yield chunk;
    }
  };
}
