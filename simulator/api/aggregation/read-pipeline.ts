// A pipeline as the client wrote it becomes a function from rows to rows. Everything that can be wrong with it is found
// while it is read, before the first byte of an answer: a stream cannot take back its status.
import type { Json } from "../../world/types.ts";
import { isObject, readList, readObject, refuse } from "./read-shape.ts";
import {
  readEval,
  readExpand,
  readFilter,
  readIdentified,
  readLimit,
  readSegment,
  readSelect,
  readSkip,
  readUnwind,
} from "./stages/row-stages.ts";
import type { Rows, Stage, StageReader, StageTools } from "./stages/stage.ts";
import {
  readCountStage,
  readFork,
  readGroup,
  readJoin,
  readMerge,
  readReduce,
  readSort,
} from "./stages/table-stages.ts";

const readers: Readonly<Record<string, StageReader>> = {
  identified: readIdentified,
  filter: readFilter,
  select: readSelect,
  eval: readEval,
  group: readGroup,
  reduce: readReduce,
  sort: readSort,
  limit: readLimit,
  skip: readSkip,
  count: readCountStage,
  /** Puts branches behind one another, which they are already. */
  cat: () => (rows) => rows,
  unwind: readUnwind,
  join: readJoin,
  merge: readMerge,
  fork: readFork,
  expand: readExpand,
  bulkExpand: readExpand,
  segment: readSegment,
};

export type Source = {
  rows: Rows;
  /** Epoch milliseconds where the time series begins; null for a source without one. */
  startTime: number | null;
};

export type PipelineTools = Omit<StageTools, "run" | "readStages"> & {
  /** Throws a Refusal. */
  openSource: (settings: Json) => Source;
};

/** Throws a Refusal. */
export function readPipeline(pipeline: Json | undefined, tools: PipelineTools): Source {
  const stages = readList(pipeline, "pipeline").map(readStage);
  const first = stages[0];
  if (first?.name === "source") {
    const source = tools.openSource(first.settings);
    return { ...source, rows: chain(stages.slice(1), tools)(source.rows) };
  }
  if (first?.name === "spawn") {
    const branches = readList(first.settings, "spawn").map((branch) => readPipeline(branch, tools));
    const rows = chain(stages.slice(1), tools)(concatenate(branches.map((branch) => branch.rows)));
    return { rows, startTime: branches.find(({ startTime }) => startTime !== null)?.startTime ?? null };
  }
  throw refuse("the first stage of a pipeline must be a source");
}

function readStage(stage: Json): { name: string; settings: Json } {
  const entries = Object.entries(readObject(stage, "a stage"));
  const [name, settings] = entries[0] ?? [];
  if (name === undefined || settings === undefined || entries.length > 1)
    throw refuse(`a stage must have one operator, not ${isObject(stage) ? Object.keys(stage).join(", ") : "none"}`);
  return { name, settings };
}

function chain(stages: readonly { name: string; settings: Json }[], tools: PipelineTools): Stage {
  const stageTools: StageTools = {
    ...tools,
    run: (pipeline) => readPipeline(pipeline, tools).rows,
    readStages: (pipeline) => chain(readList(pipeline, "pipeline").map(readStage), tools),
  };
  const made = stages.map(({ name, settings }) => {
    if (name === "source") throw refuse("only a single source is allowed");
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (!read) throw refuse(`unknown operator ${name}`);
    return read(settings, stageTools);
  });
  return (rows) => made.reduce((given, stage) => stage(given), rows);
}

function* concatenate(parts: readonly Rows[]): Rows {
  for (const rows of parts) yield* rows;
}
