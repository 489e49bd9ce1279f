// What is told of the sources of traits: what people call them, and when they were read.
import type { Queryable } from "../../platform/database/pool.ts";
import { findReportId, nameSource } from "../trait-sources.ts";

export type DescribedSource = {
  source: string;
  /** What people call it. */
  sourceName: string;
  /** The report it is; null: it is something else. */
  reportId: string | null;
};

export type TraitSources = {
  describe: (source: string) => DescribedSource;
  /** When all values of a source were read last; undefined: it tells its values one by one. */
  lastReadAt: (source: string) => Date | undefined;
};

/**
 * A run writes only what has changed. What it has not changed it has read all the same: the end of Pendo's answer to the last
 * run that was done is when that was.
 */
export async function readTraitSources(db: Queryable, workspaceId: string): Promise<TraitSources> {
  const { rows } = await db.query<{ id: string; name: string; readAt: Date | null }>(
    `select r.report_id as id, r.name, run.read_at as "readAt" from reports r left join lateral (
       select coalesce((answers -> -1 ->> 'at')::timestamptz + (answers -> -1 ->> 'milliseconds')::float * interval '1 ms',
                       started_at) as read_at
       from report_runs
       where workspace_id = r.workspace_id and report_id = r.report_id and state = 'done' order by number desc limit 1
     ) run on true where r.workspace_id = $1`,
    [workspaceId],
  );
  const reports = new Map(rows.map((report) => [report.id, report]));
  const findReport = (source: string) => reports.get(findReportId(source) ?? "");
  return {
    describe: (source) => ({
      source,
      sourceName: nameSource(source, findReport(source)?.name),
      reportId: findReportId(source),
    }),
    lastReadAt: (source) => findReport(source)?.readAt ?? undefined,
  };
}
