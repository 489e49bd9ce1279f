// What the door must say to a body, judged without any of Plumbline's code.

export type Judgement = {
  status: number;
  /** What the refusal may be called; empty when it must be taken in. */
  reasons: readonly string[];
};

const largest = 1024 * 1024;
const deepest = 100;

export function judgeBody(bytes: Uint8Array): Judgement {
  if (bytes.length > largest) return { status: 413, reasons: ["too-large"] };
  const value = parse(bytes);
  // Too deep may be seen before it is seen that it is no JSON either.
  if (value === undefined) return { status: 400, reasons: ["not-json", "too-deep"] };
  if (measureDepth(value.json) > deepest) return { status: 400, reasons: ["too-deep"] };
  const isTaken = Array.isArray(value.json)
    ? value.json.length > 0 && value.json.every(isObject)
    : isObject(value.json);
  return isTaken ? { status: 200, reasons: [] } : { status: 400, reasons: ["not-an-object"] };
}

function parse(bytes: Uint8Array): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function measureDepth(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth += 1)
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  return depth;
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === "object";
}
