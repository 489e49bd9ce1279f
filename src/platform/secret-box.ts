// Secrets at rest: AES-256-GCM. The place a secret belongs to is authenticated with it, so that a sealed value copied
// to another workspace or connection does not open. Several keys may open, so that one can replace another.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export type KeyRing = {
  /** Of 32 bytes each; the first one seals, all open. */
  keys: () => readonly Buffer[];
  /** Looks again which there are. */
  reload: () => void;
};

export type SealedSecret = { keyId: string; sealed: Buffer };
export type SecretBox = {
  /** The names of the keys that open now, the one that seals first. A name says which key it is without telling it. */
  keyIds: () => readonly string[];
  seal: (secret: string, place: string) => SealedSecret;
  /** Throws with another key, and for another place. */
  open: (value: SealedSecret, place: string) => string;
};

const nonceLength = 12;
const tagLength = 16;

export function createSecretBox(keys: Buffer | KeyRing): SecretBox {
  const ring: KeyRing = Buffer.isBuffer(keys) ? { keys: () => [keys], reload: () => {} } : keys;
  const findKnownKey = (keyId: string) => ring.keys().find((key) => nameKey(key) === keyId);
  const findKeyAnew = (keyId: string) => {
    ring.reload();
    return findKnownKey(keyId);
  };
  return {
    keyIds() {
      ring.reload();
      return ring.keys().map(nameKey);
    },
    seal(secret, place) {
      // Another process may have put a new key in front; the old one is not to be used any more.
      ring.reload();
      const key = ring.keys()[0]!;
      return { keyId: nameKey(key), sealed: encrypt(key, secret, place) };
    },
    open(value, place) {
      // A key that is not known may have come while this process ran.
      const key = findKnownKey(value.keyId) ?? findKeyAnew(value.keyId);
      if (key === undefined) throw new Error(describeUnknownKey(value.keyId, ring.keys().map(nameKey)));
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

const names = new WeakMap<Buffer, string>();

function nameKey(key: Buffer): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = createHash("sha256").update("plumbline key id\0").update(key).digest("hex").slice(0, 16);
  names.set(key, name);
  return name;
}

function describeUnknownKey(keyId: string, known: readonly string[]): string {
  return `A stored secret was sealed with key ${keyId}, but this process has key ${known.join(", ")}: set PLUMBLINE_SECRET_KEY (or the file secret-key in the data folder) to the key it was made with.`;
}

function encrypt(key: Buffer, secret: string, place: string): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, place: string): string {
  if (sealed.length < nonceLength + tagLength) throw new RangeError("It is too short to have been sealed.");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength), { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(-tagLength));
  const text = sealed.subarray(nonceLength, -tagLength);
  return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
}
