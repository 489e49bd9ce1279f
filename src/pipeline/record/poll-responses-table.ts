// Writes `poll_responses`: one row for each answer of a poll. Ids are derived from the delivery's item and the answer's
// place in it, so recording again changes nothing.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { deriveUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";
import { deriveEventId } from "./events-table.ts";
import { type FactMove, spellMoves } from "./fact-moves.ts";
import { placesOfRecord } from "./facts-of-record.ts";
import type { RecordableItem } from "./record-items.ts";

export function derivePollResponseId(connectionId: string, key: string, place: number): string {
  return deriveUuid("poll-response", connectionId, key, String(place));
}

export async function insertPollResponses(
  tx: Tx,
  workspaceId: string,
  items: readonly RecordableItem[],
): Promise<void> {
  const rows = items.flatMap(({ item, owner, connectionId, deliveryId, source, mappingVersion }) =>
    item.polls.map((poll, place) => ({
      id: derivePollResponseId(connectionId, item.key, place),
      e: deriveEventId(connectionId, item.key),
      c: connectionId,
      d: deliveryId,
      s: source,
      pi: poll.pollId,
      pt: poll.pollType,
      q: poll.question,
      an: poll.answer,
      al: poll.answerLabel,
      t: item.time.at,
      f: item.time.flag,
      g: poll.guideId,
      gn: poll.guideName,
      gs: poll.guideStepId,
      app: item.appId,
      v: item.pendoVisitorId,
      a: item.pendoAccountId,
      ui: owner.userId,
      ai: owner.accountId,
      oi: owner.organizationId,
      mv: mappingVersion,
    })),
  );
  if (rows.length === 0) return;
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  await tx.query({
    name: "insert-poll-responses",
    text: `insert into poll_responses (workspace_id, poll_response_id, event_id, connection_id, delivery_id, source, poll_id, poll_type,
                                       question, answer, answer_label, responded_at, time_flag, guide_id, guide_name, guide_step_id,
                                       app_id, pendo_visitor_id, pendo_account_id, user_id, account_id, organization_id, mapping_version)
           select $1, id, e, c, d, s, pi, pt, q, an, al, t, f, g, gn, gs, app, v, a, ui, ai, oi, mv
           from json_to_recordset($2) as r(id uuid, e uuid, c uuid, d uuid, s text, pi text, pt text, q text, an jsonb, al text,
                                           t timestamptz, f text, g text, gn text, gs text, app text, v text, a text,
                                           ui uuid, ai uuid, oi uuid, mv int)
           on conflict do nothing`,
    values: [workspaceId, toStorableJson(rows)],
  });
}

/** The responses of these events, event by event through the index. */
const ofEvents = `
  select p.* from json_to_recordset($2) as r(id uuid, u uuid, a uuid, o uuid, v int)
  cross join lateral (
    select poll_response_id, connection_id, delivery_id, ctid as place, r.id as event_id, r.u, r.a, r.o, r.v
    from poll_responses where workspace_id = $1 and event_id = r.id limit 100000
  ) as p`;

/** Gives the responses that came with these events the owner that the events get, in this transaction (see events-table.ts). */
export async function movePollResponses(tx: Tx, workspaceId: string, moves: readonly FactMove[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: "move-poll-responses",
    text: `insert into poll_responses (workspace_id, poll_response_id, event_id, connection_id, delivery_id, source, responded_at,
                                       user_id, account_id, organization_id, mapping_version)
           select $1, poll_response_id, event_id, connection_id, delivery_id, '', now(), u, a, o, v from (${ofEvents}) as p
           on conflict (workspace_id, poll_response_id) do update
           set user_id = excluded.user_id, account_id = excluded.account_id, organization_id = excluded.organization_id,
               mapping_version = excluded.mapping_version`,
    values: [workspaceId, spellMoves(moves)],
  });
}

/** Takes away the responses that came with these events. */
export async function removePollResponses(tx: Tx, workspaceId: string, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.query({
    name: "remove-poll-responses",
    text: `delete from poll_responses where workspace_id = $1 and ctid = any(array(select place from (${ofEvents}) as p))`,
    values: [workspaceId, JSON.stringify(eventIds.map((id) => ({ id })))],
  });
}

/** Takes away all that a record has answered, or that was answered for it. */
export async function removePollResponsesOf(
  tx: Tx,
  workspaceId: string,
  kind: RecordKind,
  recordId: string,
): Promise<void> {
  await tx.query({
    name: `remove-poll-responses-of-${kind}`,
    text: `delete from poll_responses where workspace_id = $1 and ctid = any(${placesOfRecord("poll_responses", kind, "responded_at")})`,
    values: [workspaceId, recordId],
  });
}
