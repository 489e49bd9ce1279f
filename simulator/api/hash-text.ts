/** 32 bits of a text, from 0 to 2³²−1; for choices that must stay the same, not for secrets. */
export function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return mix(value);
}

/** 32 bits that look random and follow from the numbers. */
export function hashNumbers(...numbers: readonly number[]): number {
  let value = 0x9e3779b9;
  for (const number of numbers) value = mix(value ^ Math.imul(number | 0, 0x85ebca6b)) + 0x6d2b79f5;
  return mix(value);
}

function mix(number: number): number {
  let value = Math.imul(number ^ (number >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return (value ^ (value >>> 16)) >>> 0;
}
