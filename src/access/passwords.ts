// Passwords: which ones may be chosen, and how they are kept and compared. argon2id works on threads of its own, so the event
// loop goes on; how many work at once is bounded, because each takes 19 MiB.
import { hash, verify } from "@node-rs/argon2";
import { HttpError } from "../platform/http-server.ts";
import { commonPasswords } from "./common-passwords.ts";

const shortestPassword = 8;
/** Characters: more than any passphrase, and little enough to hash. */
const longestPassword = 256;

/** Why it may not be chosen, in a sentence. No rule says which characters it has: length and rareness are what counts. */
export function refuseWeakPassword(password: string, about: readonly (string | null)[]): string | undefined {
  const length = [...password].length;
  if (length < shortestPassword) return `A password has at least ${shortestPassword} characters.`;
  if (length > longestPassword) return `A password has at most ${longestPassword} characters.`;
  const plain = password.toLowerCase();
  if (commonPasswords.has(plain)) return "This is one of the passwords that are tried first: choose another one.";
  if (new Set(plain).size < 3) return "This is hardly more than one character again and again: choose another one.";
  const words = ["plumbline", ...about.flatMap((one) => (one ? [one, one.split("@")[0]!] : []))];
  if (words.some((word) => plain.replace(/[\d\W_]+$/, "") === word.toLowerCase() || plain === word.toLowerCase()))
    return "This is your name, your e-mail or the name of this program: choose something that nobody guesses.";
  return undefined;
}

/** OWASP's least for argon2id, which is what the library makes unless told otherwise: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Of random bytes that were thrown away, at the same cost: what a password is compared to where there is none. */
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$Xcr/5rePTWmihxyExCyLQQ$pWUGtai+pjL86sPDF6Sa+z5iVl52q02iWtTKi72vL0Y";
const mostAtOnce = 2;
/** At some 30 ms each, whoever would wait longer than two seconds is told to come again. */
const mostWaiting = 100;

export type Passwords = {
  hash: (password: string) => Promise<string>;
  /** Null: there is no such person, or they have no password. It takes just as long, so that nobody can tell. */
  isRight: (password: string, kept: string | null) => Promise<boolean>;
};

export function createPasswords(): Passwords {
  const inTurn = createTurns();
  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    async isRight(password, kept) {
      const isSame = await inTurn(() => verify(kept ?? nobodys, password));
      return isSame && kept !== null;
    },
  };
}

/** Lets `mostAtOnce` work, the others wait in order. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let working = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (waiting.length >= mostWaiting)
      throw new HttpError(503, "Too many people sign in right now: try again in a moment.");
    // Whoever has worked hands its turn on, so `working` does not change then.
    if (working < mostAtOnce) working += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else working -= 1;
    }
  };
}
