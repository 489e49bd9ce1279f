import type { IncomingMessage } from "node:http";
import type { Json } from "../../world/types.ts";
import { Refusal } from "../refusal.ts";

export type Exchange = {
  /** Decoded parts of the path. */
  parameters: Readonly<Record<string, string>>;
  query: URLSearchParams;
  hasWriteAccess: boolean;
  /** The body; throws a Refusal where it is no JSON. */
  readJson: () => Json;
};

const mostBytes = 10 * 1024 * 1024;

/** Throws a Refusal for a body that is too large; rejects when the client breaks off. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection stays open, or the refusal could not be read.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) throw new Refusal(413, `the body is larger than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString("utf8")) as Json;
  } catch (error) {
    throw new Refusal(400, `the body is no JSON: ${(error as Error).message}`);
  }
}
