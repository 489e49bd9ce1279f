// Secrets at rest: AES-256-GCM. The place a secret belongs to is authenticated with it, so that a sealed value copied
// to another workspace or connection does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export type SealedSecret = { keyId: string; sealed: Buffer };
export type SecretBox = {
  seal: (secret: string, place: string) => SealedSecret;
  open: (value: SealedSecret, place: string) => string;
};

const nonceLength = 12;
const tagLength = 16;

/** `key` is 32 bytes. Opening with another key, or for another place, throws. */
export function createSecretBox(key: Buffer): SecretBox {
  const keyId = createHash("sha256").update("plumbline key id\0").update(key).digest("hex").slice(0, 16);
  return {
    seal(secret, place) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(place));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return { keyId, sealed: Buffer.concat([nonce, text, cipher.getAuthTag()]) };
    },
    open(value, place) {
      if (value.keyId !== keyId) {
        throw new Error(
          `A stored secret was sealed with key ${value.keyId}, but this process has key ${keyId}: set PLUMBLINE_SECRET_KEY (or the file secret-key in the data folder) to the key it was made with.`,
        );
      }
      const nonce = value.sealed.subarray(0, nonceLength);
      const tag = value.sealed.subarray(value.sealed.length - tagLength);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(tag);
      const text = value.sealed.subarray(nonceLength, value.sealed.length - tagLength);
      return decipher.update(text, undefined, "utf8") + decipher.final("utf8");
    },
  };
}
