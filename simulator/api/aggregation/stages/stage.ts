import type { Json, JsonObject } from "../../../world/types.ts";
import type { Context } from "../expressions/functions.ts";
import type { Row } from "../expressions/values.ts";

export type Rows = Iterable<Row>;

/** Takes rows and gives rows; may change the rows it gets, which are nobody else's, but not what is inside them. */
export type Stage = (rows: Rows) => Rows;

export type StageTools = Context & {
  /** Runs a pipeline of its own, which begins with a source. */
  run: (pipeline: Json) => Rows;
  /** Makes stages of a pipeline without a source. */
  readStages: (pipeline: Json) => Stage;
  /** What an id stands for: the metadata of a visitor or an account, or a page, feature, guide or track type. */
  find: (kind: string, id: Json) => JsonObject | undefined;
  isKnownKind: (kind: string) => boolean;
  findSegment: (id: string) => ((row: Row) => boolean) | undefined;
};

/** Reads the settings of a stage; throws a Refusal. */
export type StageReader = (settings: Json, tools: StageTools) => Stage;
