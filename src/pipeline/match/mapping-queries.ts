// The mappings that a connection has had: going back is saving an earlier one again, and matching again by it.
import type { Queryable } from "../../platform/database/pool.ts";
import type { Mapping } from "../facts.ts";

const mostListed = 100;

export type SavedMapping = Mapping & {
  version: number;
  savedAt: Date;
  /** The one in force. */
  isCurrent: boolean;
  /** When everything was matched again by it last, to the end. */
  appliedAt: Date | null;
};

/** The newest first. */
export async function listMappings(
  db: Queryable,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
): Promise<SavedMapping[]> {
  const { rows } = await db.query(
    `select m.version, m.user_id_from as "userIdFrom", m.account_id_from as "accountIdFrom", m.level, m.created_at as "savedAt",
            m.version = c.mapping_version as "isCurrent",
            (select max(j.finished_at) from match_jobs j
             where j.workspace_id = m.workspace_id and j.connection_id = m.connection_id and j.mapping_version = m.version
               and j.kind = 'match-again' and j.state = 'done') as "appliedAt"
     from connection_mappings m
     join connections c on c.workspace_id = m.workspace_id and c.connection_id = m.connection_id
     where m.workspace_id = $1 and m.connection_id = $2 order by m.version desc limit ${mostListed}`,
    [workspaceId, connectionId],
  );
  return rows;
}
