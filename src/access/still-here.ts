// Whether somebody who was let in still may be: for what lasts longer than a request. Nobody counts as seen by this.
import type { FastifyRequest } from "fastify";
import type { Queryable } from "../platform/database/pool.ts";
import { longestIdle } from "./sessions-table.ts";

/** Whom a request was let in as, in which workspace. */
export function nameCaller({ signedIn, by, workspaceId }: FastifyRequest): string {
  return `${signedIn ? `session ${signedIn.session.id}` : `api-key ${by.id}`} ${workspaceId}`;
}

/** Those of the callers whose session or key still holds, and who are still of the workspace. */
export async function listStillHere(db: Queryable, callers: readonly string[], now: Date): Promise<Set<string>> {
  const { rows } = await db.query<{ caller: string }>(
    `with asked as (
       select c as caller, split_part(c, ' ', 1) as kind, split_part(c, ' ', 2)::uuid as id, split_part(c, ' ', 3)::uuid as workspace_id
       from unnest($1::text[]) as c
     )
     select a.caller from asked a
     join sessions s on s.session_id = a.id and s.expires_at > $2 and s.last_seen_at > $3
     join workspace_members m on m.workspace_id = a.workspace_id and m.member_id = s.member_id
     where a.kind = 'session'
     union all
     select a.caller from asked a
     join api_keys k on k.workspace_id = a.workspace_id and k.api_key_id = a.id
     where a.kind = 'api-key' and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2) and 'read' = any(k.scopes)`,
    [callers, now, new Date(now.getTime() - longestIdle)],
  );
  return new Set(rows.map(({ caller }) => caller));
}
