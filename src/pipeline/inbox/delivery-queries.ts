// Reads the delivery log.
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, listPage, type Page, writeWhere } from "../../platform/paging.ts";
import { isUuid, lowestUuid } from "../../platform/uuid.ts";
import type { Made, MadeFact } from "../facts.ts";
import { type Reason, reasons } from "../outcome.ts";
import { explainFact } from "../why.ts";
import { listItems, type ShownItem } from "./delivery-items-table.ts";
import { findOwners, type OwnedMade } from "./made-queries.ts";
import { shownReason } from "./shown-reason.ts";

export type DeliveryFilter = {
  workspaceId?: string | undefined;
  connection?: string | undefined;
  /** One, or one of several. */
  state?: string | readonly string[] | undefined;
  reason?: string | undefined;
  kind?: string | readonly string[] | undefined;
  /** Pendo's visitor or account id, or how the id of a delivery begins. */
  q?: string | undefined;
  user?: string | undefined;
  account?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

export type DeliverySummary = {
  id: string;
  connectionId: string;
  receivedAt: Date;
  size: number;
  signed: boolean;
  /** What the request was about, as its path says it; null: a webhook. */
  endpoint: string | null;
  state: string;
  reason: Reason | null;
  message: string | null;
  kind: string | null;
  pendo: { visitorId: string | null; accountId: string | null };
  attempts: number;
  tryAt: Date | null;
  settledAt: Date | null;
  made: Made[];
};

type DeliveryStep = { step: "door" | "inbox" | "match" | "record"; at: Date | null; result: string };
export type DeliveryDetail = Omit<DeliverySummary, "made"> & {
  made: OwnedMade[];
  workspaceId: string;
  headers: Record<string, unknown> | null;
  body: string | null;
  bodyBase64: string | null;
  /** Of several objects those that did not end well. */
  items: ShownItem[];
  steps: DeliveryStep[];
};

const columns = `select d.delivery_id as id, d.connection_id as "connectionId", d.received_at as "receivedAt", d.size, d.signed, d.endpoint, d.state, ${shownReason} as reason, d.detail,
  d.kind, jsonb_build_object('visitorId', d.pendo_visitor_id, 'accountId', d.pendo_account_id) as pendo, d.attempts, d.try_at as "tryAt",
  d.settled_at as "settledAt", coalesce(d.made, '[]') as made from deliveries d`;

/** SQL conditions for a filter; ids of deliveries carry their time, so a range of time is a range of the primary key. */
export function listDeliveryConditions(filter: DeliveryFilter): Condition[] {
  const equal: [string, string | readonly string[] | undefined][] = [
    ["d.workspace_id", filter.workspaceId],
    ["d.connection_id", filter.connection],
    ["d.state", filter.state],
    [shownReason, filter.reason],
    ["d.kind", filter.kind],
    ["d.pendo_visitor_id", filter.user],
    ["d.pendo_account_id", filter.account],
  ];
  const conditions = equal.flatMap(([column, value]): Condition[] => {
    if (value === undefined) return [];
    // An empty one is nobody's: taken for none it would find, and replay, everything.
    const all = typeof value === "string" ? [value] : value;
    if (all.length !== 1) return [{ sql: `${column} = any(?)`, values: [all] }];
    if (column.endsWith("connection_id") && !isUuid(all[0]!)) return [{ sql: "false", values: [] }];
    // Of one only: so it is read from an index that has the state, and behind it the order of the list.
    return [{ sql: `${column} = ?`, values: [all[0]] }];
  });
  if (filter.q !== undefined) conditions.push(searchCondition(filter.q.trim()));
  // Only these have a reason; said so, because then they are read from the index of what is to be looked at.
  if (filter.reason !== undefined)
    conditions.push({ sql: "d.state <> all (array['waiting', 'recorded'])", values: [] });
  if (filter.since !== undefined)
    conditions.push({ sql: "d.delivery_id >= ?", values: [lowestUuid(Date.parse(filter.since))] });
  if (filter.until !== undefined)
    conditions.push({ sql: "d.delivery_id < ?", values: [lowestUuid(Date.parse(filter.until))] });
  return conditions;
}

/** Each of the three is found by an index: so only whole ids of Pendo's, and a beginning that is a range of the primary key. */
function searchCondition(text: string): Condition {
  const ids = "d.pendo_visitor_id = ? or d.pendo_account_id = ?";
  if (!isUuidBeginning(text)) return { sql: `(${ids})`, values: [text, text] };
  const digits = text.replaceAll("-", "");
  const [first, last] = ["0", "f"].map((rest) => toUuid(digits.padEnd(32, rest)));
  return { sql: `(${ids} or d.delivery_id between ? and ?)`, values: [text, text, first, last] };
}

const shortestBeginning = 8;

function isUuidBeginning(text: string): boolean {
  const pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return (
    text.length >= shortestBeginning &&
    text.length <= pattern.length &&
    [...text].every((letter, place) => (pattern[place] === "-" ? letter === "-" : /[0-9a-f]/i.test(letter)))
  );
}

function toUuid(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const mostOfKind = 2_000;

/**
 * Deliveries of a kind that is rare, by their ids: 200 of four million by kind, newest first, would be found by reading all four
 * million. The index that finds them has 7 bytes for each delivery; one that has them in the order of the list would have 100.
 * None where there are more: then a list by time meets enough of them.
 */
async function narrowToRareKinds(db: Queryable, { workspaceId, kind }: DeliveryFilter): Promise<Condition[]> {
  const kinds = typeof kind === "string" ? [kind] : (kind ?? []);
  if (workspaceId === undefined || kinds.length === 0) return [];
  // Where the kind begins in the index, and on from there, whatever comes: PostgreSQL takes a range of one kind for so few rows
  // that it read all 150,000 of them and sorted them, in 430 ms.
  const { rows } = await db.query<{ ids: string[] }>(
    `select array_agg(found.id) as ids from (
       select d.id from unnest($2::text[]) as k(kind)
       cross join lateral (
         select kind, delivery_id as id from deliveries where workspace_id = $1 and kind >= k.kind
         order by kind limit ${mostOfKind + 1}
       ) d where d.kind = k.kind limit ${mostOfKind + 1}
     ) found`,
    [workspaceId, kinds],
  );
  const ids = rows[0]!.ids ?? [];
  return ids.length > mostOfKind ? [] : [{ sql: "d.delivery_id = any(?::uuid[])", values: [ids] }];
}

export const mostCounted = 10_000;

/** How many match; of very many only that there are more. */
export async function countDeliveries(
  db: Queryable,
  filter: DeliveryFilter & { workspaceId: string },
): Promise<{ count: number; isMore: boolean }> {
  const conditions = [...listDeliveryConditions(filter), ...(await narrowToRareKinds(db, filter))];
  const { where, values } = writeWhere(conditions);
  const { rows } = await db.query(
    `select count(*) as count from (select from deliveries d where ${where} limit ${mostCounted + 1}) as found`,
    values,
  );
  const { count } = rows[0];
  return { count: Math.min(count, mostCounted), isMore: count > mostCounted };
}

export async function listDeliveries(
  db: Queryable,
  filter: DeliveryFilter & { workspaceId: string },
  page: { limit: number; from: string | undefined },
): Promise<Page<DeliverySummary>> {
  const { items, next } = await listPage<DeliverySummary & { detail: string | null }>(db, {
    select: columns,
    time: "d.received_at",
    id: "d.delivery_id",
    // By received_at all of the workspace was sorted: 135 ms for the newest hundred of 20,000.
    byId: true,
    conditions: [...listDeliveryConditions(filter), ...(await narrowToRareKinds(db, filter))],
    ...page,
  });
  return { items: items.map(describe), next };
}

/** A delivery whole: what came, the steps it went through, what was made of it. */
export async function findDelivery(
  db: Queryable,
  deliveryId: string,
  workspaceId?: string,
): Promise<DeliveryDetail | undefined> {
  if (!isUuid(deliveryId)) return undefined;
  const { rows } = await db.query(
    `${columns.replace("select ", 'select d.workspace_id as "workspaceId", b.headers, b.body, ')}
     left join delivery_bodies b on b.workspace_id = d.workspace_id and b.delivery_id = d.delivery_id
     where d.delivery_id = $1 and ($2::uuid is null or d.workspace_id = $2)`,
    [deliveryId, workspaceId ?? null],
  );
  const row = rows[0];
  if (!row) return undefined;
  const { headers, body, workspaceId: owner, ...delivery } = row;
  const summary = describe(delivery);
  const text = body === null ? null : decode(body);
  return {
    ...summary,
    made: await findOwners(db, owner, summary.made),
    workspaceId: owner,
    headers: headers === null ? null : JSON.parse(headers),
    body: text,
    bodyBase64: body !== null && text === null ? body.toString("base64") : null,
    items: delivery.state === "waiting" ? [] : await listItems(db, owner, deliveryId),
    steps: listSteps(summary, await explainMatch(db, owner, summary)),
  };
}

/** Null: it has been deleted, or was never kept. */
export async function readRawBody(
  db: Queryable,
  workspaceId: string,
  deliveryId: string,
): Promise<Buffer | null | undefined> {
  const { rows } = await db.query(
    `select b.body from deliveries d
     left join delivery_bodies b on b.workspace_id = d.workspace_id and b.delivery_id = d.delivery_id
     where d.workspace_id = $1 and d.delivery_id = $2`,
    [workspaceId, deliveryId],
  );
  return rows[0]?.body;
}

function describe({ detail, ...delivery }: DeliverySummary & { detail: string | null }): DeliverySummary {
  const sentence = delivery.reason === null ? null : (reasons[delivery.reason] ?? delivery.reason);
  return { ...delivery, message: [sentence, detail].filter((part) => part !== null).join(" ") || null };
}

function decode(body: Buffer): string | null {
  const text = body.toString("utf8");
  return Buffer.from(text, "utf8").equals(body) ? text : null;
}

/** How what was made of it came to its records; where it had several objects, told of the first. */
async function explainMatch(db: Queryable, workspaceId: string, { made }: DeliverySummary): Promise<string> {
  const first = made[0];
  if (first && (first.type === "organization" || first.type === "account" || first.type === "user"))
    return `the ${first.type} by its external ID`;
  const why = first && (await explainFact(db, workspaceId, { type: first.type as MadeFact, id: first.id }));
  return why ? `${why.user.text}; ${why.account.text}` : "what was made of it is not there any more";
}

/** The way of a delivery as people read it, told from its state and from what was made of it. */
function listSteps(delivery: DeliverySummary, matched: string): DeliveryStep[] {
  const { receivedAt, settledAt, state, message } = delivery;
  const isStopped = state === "refused" && delivery.kind === null;
  const door: DeliveryStep = {
    step: "door",
    at: receivedAt,
    result: isStopped
      ? `refused: ${message}`
      : delivery.signed
        ? "accepted, signature checked"
        : delivery.endpoint === null
          ? "accepted, no signature asked for"
          : "accepted, the token is right",
  };
  if (isStopped) return [door];
  const inbox: DeliveryStep = { step: "inbox", at: receivedAt, result: `kept, ${delivery.size} bytes` };
  if (state === "waiting") return [door, { ...inbox, result: `${inbox.result}; waiting for a worker` }];
  if (state === "held" || state === "filtered")
    return [door, inbox, { step: "match", at: settledAt, result: `${state}: ${message}` }];
  if (state === "parked") return [door, inbox, { step: "match", at: settledAt, result: `parked: ${message}` }];
  if (state === "failed" || state === "refused")
    return [door, inbox, { step: "record", at: settledAt, result: `${state}: ${message}` }];
  const match: DeliveryStep = { step: "match", at: settledAt, result: matched };
  const made = delivery.made.map((one) => `${one.type} ${one.id}`).join(", ");
  return [
    door,
    inbox,
    match,
    { step: "record", at: settledAt, result: state === "duplicate" ? `duplicate of ${made}` : made },
  ];
}
