// Whose NPS score is how: users by their last score, accounts and organizations by those of their people.
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { bands } from "./fact-conditions.ts";
import { readPeople } from "./people-queries.ts";
import { figures } from "./select-figures.ts";

type Band = keyof typeof bands;

const given = "n.workspace_id = $1 and n.score between $2 and $3";
const forNobody = `${given} and n.account_id is null and n.organization_id is null`;
const accounts = `
  select n.account_id as id from nps_responses n where ${given} and n.account_id is not null
  union select m.account_id from nps_responses n join account_users m on m.workspace_id = n.workspace_id and m.user_id = n.user_id where ${forNobody}`;
/** Of whom anybody ever gave such a score, for them or for nobody. */
const companies = {
  account: accounts,
  organization: `
    select a.organization_id as id from (${accounts}) n join accounts a on a.workspace_id = $1 and a.account_id = n.id where a.organization_id is not null
    union select n.organization_id from nps_responses n where ${given} and n.account_id is null and n.organization_id is not null
    union select m.organization_id from nps_responses n join organization_users m on m.workspace_id = n.workspace_id and m.user_id = n.user_id
          where ${forNobody}`,
};

/** Records `r`: users whose last score is in the band; accounts and organizations with people of whom that is so. */
export async function isInBand(db: Queryable, workspaceId: string, kind: RecordKind, band: Band): Promise<Condition> {
  const [from, to] = bands[band];
  if (kind === "user")
    return {
      // Those who ever gave such a score are far fewer than all.
      sql: `r.user_id in (select n.user_id from nps_responses n where n.workspace_id = ? and n.score between ? and ? and n.user_id is not null)
            and (${figures.user.lastResponse} ->> 'score')::int between ? and ?`,
      values: [workspaceId, from, to, from, to],
    };
  const { rows } = await db.query<{ id: string }>(companies[kind], [workspaceId, from, to]);
  const ever = rows.map(({ id }) => id);
  const people = await readPeople(db, workspaceId, kind, ever);
  return { sql: `r.${kind}_id = any(?)`, values: [ever.filter((id) => people.get(id)!.scores[`${band}s`] > 0)] };
}
