// What has to be known of a connection before one of its reports is set up, and of reports to show them.
import type { Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { isUuid } from "../platform/uuid.ts";
import { type ReportRun, reportRunColumns } from "./report-runs-table.ts";

export type ReportingConnection = {
  workspaceId: string;
  connectionId: string;
  name: string;
  hasKey: boolean;
  /** Whether the workspace has organizations. */
  hasHierarchy: boolean;
  /** What an account of Pendo is here. */
  accountLevel: "account" | "organization";
};

/** Throws where there is none in the workspace, or no key to ask Pendo with. */
export async function readReportingConnection(
  db: Queryable,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
): Promise<ReportingConnection> {
  const { rows } = isUuid(connectionId)
    ? await db.query<ReportingConnection>(
        `select c.workspace_id as "workspaceId", c.connection_id as "connectionId", c.name, w.hierarchy as "hasHierarchy",
                m.level as "accountLevel",
                exists (select from integration_keys k where k.workspace_id = c.workspace_id and k.connection_id = c.connection_id) as "hasKey"
         from connections c join workspaces w on w.workspace_id = c.workspace_id
         join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
         where c.workspace_id = $1 and c.connection_id = $2`,
        [workspaceId, connectionId],
      )
    : { rows: [] };
  const [connection] = rows;
  if (!connection)
    throw new HttpError(404, `There is no connection ${JSON.stringify(connectionId)} in this workspace.`);
  if (!connection.hasKey)
    throw new HttpError(
      409,
      `Reports are read through Pendo's API, and the connection ${connection.name} has no integration key: set one first (\`plumbline connection set ${connection.connectionId} --integration-key …\`).`,
    );
  return connection;
}

/** The columns of all rows, when they were read last. */
export async function findColumnsSeen(
  db: Queryable,
  { workspaceId, id }: { workspaceId: string; id: string },
): Promise<readonly string[]> {
  const { rows } = await db.query<{ columns: string[] }>(
    `select columns_seen as columns from report_runs
     where workspace_id = $1 and report_id = $2 and columns_seen is not null order by number desc limit 1`,
    [workspaceId, id],
  );
  return rows[0]?.columns ?? [];
}

/** The last run of each of these reports that has had one, by its report. */
export async function findLastRuns(
  db: Queryable,
  workspaceId: string,
  reports: readonly { id: string }[],
): Promise<Map<string, ReportRun>> {
  const { rows } = await db.query<ReportRun>(
    `select r.* from unnest($2::uuid[]) as w(id)
     cross join lateral (select ${reportRunColumns} from report_runs
                         where workspace_id = $1 and report_id = w.id order by number desc limit 1) as r`,
    [workspaceId, reports.map(({ id }) => id)],
  );
  return new Map(rows.map((run) => [run.reportId, run]));
}
