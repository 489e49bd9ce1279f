// Whose is what was made of a delivery: all that is of one kind at once.
import type { Queryable } from "../../platform/database/pool.ts";
import type { Made } from "../facts.ts";
import type { RecordKind } from "../records.ts";
import { joinOwner, type Owner, selectOwner, selectReference } from "../references.ts";

/** Of a record: itself. */
export type OwnedMade = Made & Owner;

const nobody: Owner = { user: null, account: null, organization: null };

const selectFact = (table: string, id: string) =>
  `select f.${id} as id, ${selectOwner} from ${table} f ${joinOwner} where f.workspace_id = $1 and f.${id} = any($2::uuid[])`;
const selectRecord = (table: string, kind: RecordKind) =>
  `select r.${kind}_id as id, ${selectReference("r", kind)} as "${kind}" from ${table} r
   where r.workspace_id = $1 and r.${kind}_id = any($2::uuid[])`;

const selects: Record<Made["type"], string> = {
  event: selectFact("events", "event_id"),
  "nps-response": selectFact("nps_responses", "nps_response_id"),
  "poll-response": selectFact("poll_responses", "poll_response_id"),
  user: selectRecord("users", "user"),
  account: selectRecord("accounts", "account"),
  organization: selectRecord("organizations", "organization"),
};

/** In the same order. What is not there any more is nobody's. */
export async function findOwners(db: Queryable, workspaceId: string, made: readonly Made[]): Promise<OwnedMade[]> {
  const owners = new Map<string, Partial<Owner>>();
  for (const type of new Set(made.map((one) => one.type))) {
    const ids = made.filter((one) => one.type === type).map((one) => one.id);
    const { rows } = await db.query<Partial<Owner> & { id: string }>(selects[type], [workspaceId, ids]);
    for (const { id, ...owner } of rows) owners.set(`${type} ${id}`, owner);
  }
  return made.map((one) => ({ ...one, ...nobody, ...owners.get(`${one.type} ${one.id}`) }));
}
