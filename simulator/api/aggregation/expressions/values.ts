// How values compare and what is at a path. Text is ordered by code points, as UTF-8 bytes are, not by the UTF-16 units
// that JavaScript compares: the two differ from U+E000 on, and paging by `key > "last"` needs sort and filter to agree.
import type { Json, JsonObject } from "../../../world/types.ts";
import type { PathStep } from "./parse-expression.ts";

export type Row = JsonObject;

export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rankUnit(left) - rankUnit(right);
  }
  return a.length - b.length;
}

/** Surrogates, which stand for code points above U+FFFF, go behind all other units. */
function rankUnit(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The order of `sort`: nothing first, then false, true, numbers, text, and everything else as its JSON. */
export function compareValues(a: Json, b: Json): number {
  const [left, right] = [rankKind(a), rankKind(b)];
  if (left !== right) return left - right;
  if (typeof a === "number") return a - (b as number);
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "boolean") return Number(a) - Number(b);
  return a === null ? 0 : compareText(JSON.stringify(a), JSON.stringify(b));
}

function rankKind(value: Json): number {
  if (value === null) return 0;
  return { boolean: 1, number: 2, string: 3 }[typeof value as "boolean" | "number" | "string"] ?? 4;
}

/** No value equals one of another kind; nothing equals nothing. */
export function areEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && a !== null && b !== null
    ? JSON.stringify(a) === JSON.stringify(b)
    : false;
}

export function isTruthy(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

export function readPath(row: Json, path: readonly PathStep[]): Json {
  let value: Json = row;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return null;
    if (Array.isArray(value)) value = typeof step === "number" ? (value[step] ?? null) : null;
    else value = Object.hasOwn(value, step) ? (value[step] ?? null) : null;
  }
  return value;
}

/** Sets a value in place, but copies the objects on the way: rows share them with the world. */
export function writePath(row: Row, path: readonly PathStep[], value: Json): void {
  let target: Row = row;
  for (const step of path.slice(0, -1)) {
    const inner = Object.hasOwn(target, step) ? target[step] : undefined;
    const copy: Row = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
    setOwn(target, String(step), copy);
    target = copy;
  }
  setOwn(target, String(path.at(-1)!), value);
}

/** A field may be called `__proto__`. */
function setOwn(target: Row, name: string, value: Json): void {
  if (name === "__proto__")
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

/** The name of a field in `select`, `sort`, `group` …: dots lead inside, brackets into lists; anything else is a letter. */
export function splitPath(name: string): PathStep[] {
  return name.split(".").flatMap((part) => {
    const [, plain = part, indexes = ""] = /^(.*?)((?:\[\d+\])*)$/su.exec(part) ?? [];
    return [plain, ...Array.from(indexes.matchAll(/\d+/g), ([digits]) => Number(digits))];
  });
}
