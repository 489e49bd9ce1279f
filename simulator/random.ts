// Numbers that look random and follow from a seed alone: the same labels give the same numbers on every machine.

export type Random = {
  /** 0 ≤ x < 1. */
  next: () => number;
  /** A whole number, both ends included. */
  int: (from: number, to: number) => number;
  chance: (probability: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  text: (alphabet: string, length: number) => string;
  /** A shuffled copy. */
  shuffle: <T>(list: readonly T[]) => T[];
};

export const hexDigits = "0123456789abcdef";
export const lowerAndDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
export const urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** One stream of numbers per combination of labels, so that a change in one part leaves the others as they were. */
export function createRandom(...labels: readonly (string | number)[]): Random {
  const name = labels.join("\0");
  const next = createSfc32(hash(name, 0x811c9dc5), hash(name, 0x9e3779b9), hash(name, 0x85ebca6b));
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[int(0, list.length - 1)]!;
    },
    text: (alphabet, length) => {
      let text = "";
      for (let at = 0; at < length; at += 1) text += alphabet[int(0, alphabet.length - 1)];
      return text;
    },
    shuffle: (list) => {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last -= 1) {
        const other = int(0, last);
        [copy[last], copy[other]] = [copy[other]!, copy[last]!];
      }
      return copy;
    },
  };
}

function hash(text: string, start: number): number {
  let value = start;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Chris Doty-Humphrey's sfc32: 32-bit operations only, and far better than needed here. */
function createSfc32(first: number, second: number, third: number): () => number {
  let [a, b, c, counter] = [first | 0, second | 0, third | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
