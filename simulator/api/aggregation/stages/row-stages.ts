// Stages that look at one row after the other.
import type { Json } from "../../../world/types.ts";
import { isIdentified } from "../expressions/functions.ts";
import { areEqual, compareValues, isTruthy, type Row, readPath, splitPath, writePath } from "../expressions/values.ts";
import { isObject, readCount, readEntries, readExpression, readObject, readText, refuse } from "../read-shape.ts";
import type { Stage, StageReader } from "./stage.ts";

/** `visitorId` keeps rows of somebody, `!visitorId` the others. */
export const readIdentified: StageReader = (settings) => {
  const text = readText(settings, "identified");
  const isWanted = !text.startsWith("!");
  const path = splitPath(isWanted ? text : text.slice(1));
  return keep((row) => isIdentified(readPath(row, path)) === isWanted);
};

export const readFilter: StageReader = (settings, tools) => {
  if (isObject(settings)) return readFieldFilter(settings);
  const evaluate = readExpression(settings, "filter", tools);
  return keep((row) => isTruthy(evaluate(row)));
};

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** The older form `{"field": …, "operator": …, "value": …}`. */
function readFieldFilter(settings: Record<string, Json>): Stage {
  const path = splitPath(readText(settings.field, "filter.field"));
  const operator = readText(settings.operator, "filter.operator");
  const wanted = settings.value ?? null;
  if (operator === "==") return keep((row) => areEqual(readPath(row, path), wanted));
  if (operator === "!=") return keep((row) => !areEqual(readPath(row, path), wanted));
  const decide = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!decide) throw refuse(`unknown filter operator ${operator}`);
  return keep((row) => {
    const value = readPath(row, path);
    return typeof value === typeof wanted && value !== null && wanted !== null && decide(compareValues(value, wanted));
  });
}

function keep(isKept: (row: Row) => boolean): Stage {
  return function* (rows) {
    for (const row of rows) if (isKept(row)) yield row;
  };
}

export const readSelect: StageReader = (settings, tools) => {
  const fields = Object.entries(readObject(settings, "select")).map(([name, expression]) => ({
    path: splitPath(name),
    evaluate: readExpression(expression, "select", tools),
  }));
  return function* (rows) {
    for (const row of rows) {
      const selected: Row = {};
      for (const { path, evaluate } of fields) writePath(selected, path, evaluate(row));
      yield selected;
    }
  };
};

export const readEval: StageReader = (settings, tools) => {
  const fields = readEntries(settings, "eval").map(([name, expression]) => ({
    path: splitPath(name),
    evaluate: readExpression(expression, "eval", tools),
  }));
  return function* (rows) {
    for (const row of rows) {
      for (const { path, evaluate } of fields) writePath(row, path, evaluate(row));
      yield row;
    }
  };
};

/** One row per entry of a list. Without the list, or with an empty one, the row goes unless `keepEmpty` is set. */
export const readUnwind: StageReader = (settings) => {
  const { field, keepEmpty, index } = readObject(settings, "unwind");
  const path = splitPath(readText(field, "unwind.field"));
  const indexPath = index === undefined ? undefined : splitPath(readText(index, "unwind.index"));
  return function* (rows) {
    for (const row of rows) {
      const list = readPath(row, path);
      if (!Array.isArray(list) || list.length === 0) {
        if (keepEmpty !== true) continue;
        writePath(row, path, Array.isArray(list) ? null : list);
        yield row;
        continue;
      }
      for (const [place, entry] of list.entries()) {
        const copy = { ...row };
        writePath(copy, path, entry);
        if (indexPath) writePath(copy, indexPath, place);
        yield copy;
      }
    }
  };
};

export const readLimit: StageReader = (settings) => {
  const most = readCount(settings, "limit");
  return function* (rows) {
    if (most === 0) return;
    let count = 0;
    for (const row of rows) {
      yield row;
      count += 1;
      if (count === most) return;
    }
  };
};

export const readSkip: StageReader = (settings) => {
  const skipped = readCount(settings, "skip");
  return function* (rows) {
    let count = 0;
    for (const row of rows) if (count++ >= skipped) yield row;
  };
};

/** `{"account": {"account": "accountId"}}` puts what is known of the account under `account`. */
export const readExpand: StageReader = (settings, tools) => {
  const targets = Object.entries(readObject(settings, "bulkExpand")).map(([name, reference]) => {
    const entries = Object.entries(readObject(reference, `bulkExpand.${name}`));
    const [kind, expression] = entries[0] ?? [];
    if (kind === undefined || entries.length > 1 || !tools.isKnownKind(kind))
      throw refuse(`bulkExpand.${name} must name one of visitor, account, page, feature, guide, trackType`);
    return { kind, path: splitPath(name), evaluate: readExpression(expression, "bulkExpand", tools) };
  });
  return function* (rows) {
    for (const row of rows) {
      for (const { kind, path, evaluate } of targets) writePath(row, path, tools.find(kind, evaluate(row)) ?? null);
      yield row;
    }
  };
};

export const readSegment: StageReader = (settings, tools) => {
  const id = readText(readObject(settings, "segment").id, "segment.id");
  const isMember = tools.findSegment(id);
  if (!isMember) throw refuse(`unknown segment ${id}`);
  return keep(isMember);
};
