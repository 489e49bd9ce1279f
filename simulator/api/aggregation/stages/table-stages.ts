// Stages that need all rows before they give the first.
import type { Json } from "../../../world/types.ts";
import { compareValues, type Row, readPath, splitPath, writePath } from "../expressions/values.ts";
import { readEntries, readList, readObject, readTexts } from "../read-shape.ts";
import { readAggregator } from "./aggregators.ts";
import type { Rows, StageReader, StageTools } from "./stage.ts";

/** `["accountId", "-n"]`; equal rows keep their order. */
export const readSort: StageReader = (settings) => {
  const keys = readTexts(settings, "sort").map((text) => {
    const isDescending = text.startsWith("-");
    return { path: splitPath(text.replace(/^[+-]/, "")), direction: isDescending ? -1 : 1 };
  });
  return (rows) =>
    [...rows].sort((a, b) => {
      for (const { path, direction } of keys) {
        const order = compareValues(readPath(a, path), readPath(b, path));
        if (order !== 0) return order * direction;
      }
      return 0;
    });
};

/** One row per combination, in the order in which they first turn up. Without `fields`, the combinations alone. */
export const readGroup: StageReader = (settings, tools) => {
  const { group, fields } = readObject(settings, "group");
  const paths = readTexts(group, "group.group").map(splitPath);
  const aggregate = readAggregates(fields ?? {}, "group.fields", tools);
  return function* (rows) {
    const groups = new Map<string, { values: Json[]; totals: Totals }>();
    for (const row of rows) {
      const values = paths.map((path) => readPath(row, path));
      const key = JSON.stringify(values);
      const known = groups.get(key) ?? { values, totals: aggregate() };
      groups.set(key, known);
      known.totals.add(row);
    }
    for (const { values, totals } of groups.values()) {
      const row: Row = {};
      paths.forEach((path, place) => {
        writePath(row, path, values[place]!);
      });
      totals.write(row);
      yield row;
    }
  };
};

/** All rows become one, also when there are none. */
export const readReduce: StageReader = (settings, tools) => {
  const aggregate = readAggregates(settings, "reduce", tools);
  return function* (rows) {
    const totals = aggregate();
    for (const row of rows) totals.add(row);
    const row: Row = {};
    totals.write(row);
    yield row;
  };
};

export const readCountStage: StageReader = () =>
  function* (rows) {
    let count = 0;
    for (const _row of rows) count += 1;
    yield { count };
  };

type Totals = { add: (row: Row) => void; write: (row: Row) => void };

function readAggregates(settings: Json, what: string, tools: StageTools): () => Totals {
  const fields = readEntries(settings, what).map(([name, aggregator]) => ({
    path: splitPath(name),
    create: readAggregator(aggregator, `${what}.${name}`, tools),
  }));
  return () => {
    const totals = fields.map(({ path, create }) => ({ path, ...create() }));
    return {
      add: (row) => {
        for (const { add } of totals) add(row);
      },
      write: (row) => {
        for (const { path, result } of totals) writePath(row, path, result());
      },
    };
  };
}

/** Rows that agree in the fields become one, whichever branch they come from; a row without a partner stays. */
export const readJoin: StageReader = (settings) => {
  const paths = readTexts(readObject(settings, "join").fields, "join.fields").map(splitPath);
  return (rows) => {
    const joined = new Map<string, Row>();
    for (const row of rows) {
      const key = keyOf(row, paths);
      const known = joined.get(key);
      if (known) Object.assign(known, row);
      else joined.set(key, row);
    }
    return joined.values();
  };
};

/** Adds fields of another pipeline's row that agrees in the fields; rows without one stay as they are. */
export const readMerge: StageReader = (settings, tools) => {
  const { fields, mappings, pipeline } = readObject(settings, "merge");
  const paths = readTexts(fields, "merge.fields").map(splitPath);
  const mapped = mappings === undefined || mappings === null ? null : readMappings(mappings);
  // Run at once, so that a bad pipeline is refused before anything is answered.
  const others = indexRows(tools.run(pipeline ?? null), paths);
  return function* (rows) {
    for (const row of rows) {
      const other = others.get(keyOf(row, paths));
      if (other && mapped) for (const { to, from } of mapped) writePath(row, to, readPath(other, from));
      else if (other) Object.assign(row, other);
      yield row;
    }
  };
};

function readMappings(mappings: Json) {
  return Object.entries(readObject(mappings, "merge.mappings")).map(([to, from]) => ({
    to: splitPath(to),
    from: splitPath(String(from)),
  }));
}

function indexRows(rows: Rows, paths: readonly (readonly (string | number)[])[]): Map<string, Row> {
  const index = new Map<string, Row>();
  for (const row of rows) index.set(keyOf(row, paths), row);
  return index;
}

function keyOf(row: Row, paths: readonly (readonly (string | number)[])[]): string {
  return JSON.stringify(paths.map((path) => readPath(row, path)));
}

/** Sends all rows through several pipelines and gives the rows of one after those of the other. */
export const readFork: StageReader = (settings, tools) => {
  const branches = readList(settings, "fork").map((pipeline) => tools.readStages(pipeline));
  return function* (rows) {
    const all = [...rows];
    for (const branch of branches) yield* branch(all.map((row) => ({ ...row })));
  };
};
