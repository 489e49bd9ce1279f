import { createHmac } from "node:crypto";

/** The value of `X-Pendo-Signature`: lowercase hex HMAC-SHA256 over the raw bytes, without a prefix. */
export function signBody(body: Buffer | string, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
