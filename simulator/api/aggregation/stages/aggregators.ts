// What `group` and `reduce` make of many rows: one value per field.
import type { Json } from "../../../world/types.ts";
import type { Evaluate } from "../expressions/compile-expression.ts";
import type { Context } from "../expressions/functions.ts";
import { compareValues, isTruthy, type Row } from "../expressions/values.ts";
import { readExpression, readObject, refuse } from "../read-shape.ts";

type Accumulator = { add: (row: Row) => void; result: () => Json };
export type Aggregator = () => Accumulator;

type AggregatorReader = (settings: Json, context: Context) => Aggregator;

/** `{"sum": "numEvents"}` and its like; throws a Refusal. */
export function readAggregator(settings: Json, what: string, context: Context): Aggregator {
  const entries = Object.entries(readObject(settings, what));
  const [name, expression] = entries[0] ?? [];
  if (name === undefined || entries.length > 1) throw refuse(`${what} must have one aggregator`);
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (!read) throw refuse(`unknown aggregator ${name} in ${what}`);
  return read(expression ?? null, context);
}

const readers: Readonly<Record<string, AggregatorReader>> = {
  /** Rows for null; else distinct values that are not null, or distinct combinations of several. */
  count: (settings, context) => {
    if (settings === null)
      return () =>
        collect(
          (values) => values.length,
          () => 1,
        );
    return countDistinct(readDistinct(settings, context));
  },
  countIf: (settings, context) => {
    const { count, if: condition } = readObject(settings, "countIf");
    const isCounted = readExpression(condition, "countIf", context);
    if (count === null || count === undefined)
      return () => collect((values) => values.filter(isTruthy).length, isCounted);
    const evaluate = readDistinct(count, context);
    return countDistinct((row) => (isTruthy(isCounted(row)) ? evaluate(row) : null));
  },
  sum: numeric((values) => values.reduce((sum, value) => sum + value, 0)),
  avg: numeric(average),
  mean: numeric(average),
  median: numeric((values) => percentile(values, 50)),
  var: numeric(variance),
  stddev: numeric((values) => {
    const value = variance(values);
    return value === null ? null : Math.sqrt(value);
  }),
  min: extreme((order) => order < 0),
  max: extreme((order) => order > 0),
  first: (settings, context) => {
    const evaluate = readExpression(settings, "first", context);
    return () => {
      let first: Json = null;
      return {
        add: (row) => {
          first ??= evaluate(row);
        },
        result: () => first,
      };
    };
  },
  list: (settings, context) => {
    const evaluate = readExpression(settings, "list", context);
    return () => collect((values) => values, evaluate);
  },
  listIf: (settings, context) => {
    const { list, if: condition } = readObject(settings, "listIf");
    const evaluate = readExpression(list, "listIf", context);
    const isListed = readExpression(condition, "listIf", context);
    return () =>
      collect(
        (values) => values.flat(),
        (row) => (isTruthy(isListed(row)) ? [evaluate(row)] : []),
      );
  },
  concat: (settings, context) => {
    const evaluate = readExpression(settings, "concat", context);
    return () =>
      collect(
        (values) => values.flat(),
        (row) => evaluate(row) ?? [],
      );
  },
  /** `{"field": "numEvents", "low": 25, "high": 75}`: names of the caller's choice. */
  percentiles: (settings, context) => {
    const { field, ...wanted } = readObject(settings, "percentiles");
    return numeric((values) =>
      Object.fromEntries(Object.entries(wanted).map(([name, level]) => [name, percentile(values, Number(level))])),
    )(field ?? null, context);
  },
};

function collect(finish: (values: Json[]) => Json, evaluate: Evaluate): Accumulator {
  const values: Json[] = [];
  return { add: (row) => values.push(evaluate(row)), result: () => finish(values) };
}

function readDistinct(settings: Json, context: Context): Evaluate {
  if (!Array.isArray(settings)) return readExpression(settings, "count", context);
  const evaluators = settings.map((expression) => readExpression(expression, "count", context));
  return (row) => evaluators.map((evaluate) => evaluate(row));
}

function countDistinct(evaluate: Evaluate): Aggregator {
  return () => {
    const seen = new Set<Json>();
    return {
      add: (row) => {
        const value = evaluate(row);
        if (value !== null) seen.add(typeof value === "object" ? JSON.stringify(value) : value);
      },
      result: () => seen.size,
    };
  };
}

function numeric(finish: (values: readonly number[]) => Json): AggregatorReader {
  return (settings, context) => {
    const evaluate = readExpression(settings, "aggregator", context);
    return () => {
      const values: number[] = [];
      return {
        add: (row) => {
          const value = evaluate(row);
          if (typeof value === "number") values.push(value);
        },
        result: () => finish(values),
      };
    };
  };
}

function extreme(isBetter: (order: number) => boolean): AggregatorReader {
  return (settings, context) => {
    const evaluate = readExpression(settings, "aggregator", context);
    return () => {
      let best: Json = null;
      return {
        add: (row) => {
          const value = evaluate(row);
          if (value !== null && (best === null || isBetter(compareValues(value, best)))) best = value;
        },
        result: () => best,
      };
    };
  };
}

function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number | null {
  const mean = average(values);
  return mean === null ? null : average(values.map((value) => (value - mean) ** 2));
}

function percentile(values: readonly number[], level: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (Math.min(100, Math.max(0, level)) / 100) * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below === undefined || above === undefined ? null : below + (above - below) * (place % 1);
}
