// X-Pendo-Signature: HMAC-SHA256 of the raw body with the webhook's secret, as 64 hex digits. How Pendo writes the
// header is not documented, so capitals and a leading "sha256=" are taken too.
import { createHmac, timingSafeEqual } from "node:crypto";

export type SignatureCheck = "right" | "missing" | "wrong";

export function checkSignature(
  body: Uint8Array,
  header: string | undefined,
  secrets: readonly (string | Uint8Array)[],
): SignatureCheck {
  if (header === undefined || header.trim() === "") return "missing";
  const given = readSignature(header);
  let isRight = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret).update(body).digest();
    // Every secret is tried and none returns early: the time tells nothing about which one fits.
    if (given && timingSafeEqual(given, expected)) isRight = true;
  }
  return isRight ? "right" : "wrong";
}

function readSignature(header: string): Buffer | undefined {
  const hex = header.trim().replace(/^sha256=/i, "");
  return /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex") : undefined;
}
