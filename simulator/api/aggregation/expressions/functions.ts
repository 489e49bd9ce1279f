// The functions of expressions that published aggregations use. Wrong kinds of operands give null, never an error.

import type { Json } from "../../../world/types.ts";
import { hashText } from "../../hash-text.ts";
import { addToDate, createDate, formatTime, parseDate, startOfPeriod } from "./dates.ts";
import { areEqual, isTruthy } from "./values.ts";

export type Context = {
  /** Epoch milliseconds. */
  now: number;
  appIds: readonly number[];
};

export type ExpressionFunction = {
  least: number;
  most: number;
  call: (operands: readonly Json[], context: Context) => Json;
};

const anonymousPrefix = "_PENDO_T_";

/** Whether an id is somebody's: not empty and not made up by the snippet. */
export function isIdentified(id: Json): boolean {
  return typeof id === "string" ? id !== "" && !id.startsWith(anonymousPrefix) : isTruthy(id);
}

const functions: Readonly<Record<string, ExpressionFunction>> = {
  now: { least: 0, most: 0, call: (_, { now }) => now },
  date: {
    least: 1,
    most: 6,
    call: ([first, ...rest]) => {
      if (typeof first === "string") return parseDate(first);
      return [first, ...rest].every((part) => typeof part === "number")
        ? createDate([first, ...rest] as number[])
        : null;
    },
  },
  dateAdd: {
    least: 3,
    most: 3,
    call: ([time, count, unit]) =>
      typeof time === "number" && typeof count === "number" && typeof unit === "string"
        ? addToDate(time, count, unit)
        : null,
  },
  startOfPeriod: {
    least: 2,
    most: 2,
    call: ([period, time]) =>
      typeof period === "string" && typeof time === "number" ? startOfPeriod(period, time) : null,
  },
  formatTime: {
    least: 2,
    most: 2,
    call: ([layout, time]) =>
      typeof layout === "string" && typeof time === "number" ? formatTime(layout, time) : null,
  },
  contains: {
    least: 2,
    most: 2,
    call: ([whole, part]) => {
      if (typeof whole === "string") return typeof part === "string" && whole.includes(part);
      return Array.isArray(whole) && whole.some((entry) => areEqual(entry, part ?? null));
    },
  },
  startsWith: {
    least: 2,
    most: 2,
    call: ([whole, part]) => typeof whole === "string" && typeof part === "string" && whole.startsWith(part),
  },
  endsWith: {
    least: 2,
    most: 2,
    call: ([whole, part]) => typeof whole === "string" && typeof part === "string" && whole.endsWith(part),
  },
  len: {
    least: 1,
    most: 1,
    call: ([value]) => (typeof value === "string" ? [...value].length : Array.isArray(value) ? value.length : 0),
  },
  isNull: { least: 1, most: 1, call: ([value]) => value === null },
  if: { least: 3, most: 3, call: ([condition, yes, no]) => (isTruthy(condition!) ? yes! : no!) },
  identified: { least: 1, most: 1, call: ([id]) => isIdentified(id!) },
  hash: {
    least: 1,
    most: 1,
    call: ([value]) => hashText(typeof value === "string" ? value : JSON.stringify(value)),
  },
  list: { least: 0, most: 1000, call: (operands) => [...operands] },
  keys: {
    least: 1,
    most: 1,
    call: ([value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : null,
  },
  eventSubType: {
    least: 1,
    most: 1,
    call: ([type]) => (typeof type === "string" ? type.slice(type.lastIndexOf(":") + 1) : null),
  },
  expandAppIds: {
    least: 1,
    most: 1,
    call: ([pattern], { appIds }) => appIds.filter((id) => pattern === "*" || pattern === String(id) || pattern === id),
  },
};

export function findFunction(name: string): ExpressionFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}
