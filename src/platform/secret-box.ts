// Secrets at rest: AES-256-GCM. The place a secret belongs to is authenticated with it, so that a sealed value copied
// to another workspace or connection does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export type SealedSecret = { keyId: string; sealed: Buffer };
export type SecretBox = {
  /** Says which key it is without telling it. */
  keyId: string;
  seal: (secret: string, place: string) => SealedSecret;
  open: (value: SealedSecret, place: string) => string;
};

const nonceLength = 12;
const tagLength = 16;

/** `key` is 32 bytes. Opening with another key, or for another place, throws. */
export function createSecretBox(key: Buffer): SecretBox {
  const keyId = createHash("sha256").update("plumbline key id\0").update(key).digest("hex").slice(0, 16);
  return {
    keyId,
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
      try {
        return decrypt(key, value.sealed, place);
      } catch (error) {
        throw new Error(
          "A stored secret does not open: it was changed, or belongs to something else. Set the secret anew.",
          { cause: error },
        );
      }
    },
  };
}

function decrypt(key: Buffer, sealed: Buffer, place: string): string {
  if (sealed.length < nonceLength + tagLength) throw new RangeError("It is too short to have been sealed.");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength), { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(-tagLength));
  const text = sealed.subarray(nonceLength, -tagLength);
  return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
}
