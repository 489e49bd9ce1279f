// A list's route as a CSV file.
import type { FastifyInstance } from "fastify";
import type { Static, TSchema } from "typebox";
import { ErrorAnswer } from "../contract/api.ts";
import { CsvFile } from "../contract/csv.ts";
import type { Tx } from "./database/pool.ts";
import type { Export, Exports } from "./exports.ts";
import type { Page } from "./paging.ts";
import { addRoute, type Route } from "./routes.ts";

type CsvChoices = { bom?: boolean; escape?: boolean };
type Filter<Query extends TSchema> = Omit<Static<Query> & CsvChoices, keyof CsvChoices>;

export type ExportRoute<Query extends TSchema> = Pick<
  Route<Query, TSchema, TSchema, TSchema>,
  "summary" | "tag" | "needs"
> & {
  /** `/events.csv`: the file is called after it. */
  url: `/${string}.csv`;
  /** The list's filters, with `bom` and `escape`. */
  query: Query;
  /** The columns, once the snapshot is open. */
  prepare: (db: Tx, workspaceId: string) => ReturnType<Export["prepare"]>;
  readPage: (
    db: Tx,
    asked: { workspaceId: string; filter: Filter<Query>; page: { limit: number; from?: string } },
  ) => Promise<Page<object>>;
};

export function addExportRoute<Query extends TSchema>(
  app: FastifyInstance,
  exports: Exports,
  { prepare, readPage, ...route }: ExportRoute<Query>,
): void {
  addRoute(app, {
    ...route,
    method: "GET",
    answer: CsvFile,
    answerType: "text/csv",
    errors: ErrorAnswer,
    run({ workspaceId, author, database, query }) {
      const { bom = false, escape: escapeFormulas = true, ...filter } = query as Static<Query> & CsvChoices;
      return exports.answer({
        database,
        workspaceId,
        author,
        name: route.url.slice(1, -".csv".length),
        filter,
        csv: { bom, escapeFormulas },
        prepare: (db) => prepare(db, workspaceId),
        readPage: (db, page) => readPage(db, { workspaceId, filter, page }),
      });
    },
  });
}
