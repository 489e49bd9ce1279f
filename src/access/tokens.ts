// What opens something for whoever has it: 32 random bytes. Kept is only the SHA-256, which nobody can turn back; no slow hash
// is needed, for nobody guesses 256 bits.
import { createHash, randomBytes } from "node:crypto";

export function createToken(): string {
  return randomBytes(32).toString("base64url");
}

export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
