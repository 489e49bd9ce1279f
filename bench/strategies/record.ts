// How the events of a batch are written.
import { insertEvents } from "../../src/pipeline/record/events-table.ts";
import type { RecordableItem } from "../../src/pipeline/record/record-items.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { createUuid, deriveUuid } from "../../src/platform/uuid.ts";
import { measureRate, type Place, type Strategy } from "./place.ts";

const batch = 300;
let count = 0;

function createItems({ connectionId }: Place): RecordableItem[] {
  return Array.from({ length: batch }, () => {
    count += 1;
    const owner = {
      userId: deriveUuid("user", String(count % 5_000)),
      accountId: deriveUuid("account", String(count % 500)),
      organizationId: null,
    };
    const properties = {
      guideId: "FjHsQ7S8z0ircYxe3vO4GHawvwI",
      guideName: "Quarterly NPS",
      step: 1,
      steps: 2,
      language: "en-US",
      nested: { list: [1, 2, 3], text: "Überraschung 🙂".repeat(8) },
    };
    const item = {
      key: `id:${count}`,
      kind: "guideDisplayed",
      time: { at: new Date(Date.now() - count), flag: null },
      pendoVisitorId: `v-${count % 5_000}`,
      pendoAccountId: `a-${count % 500}`,
      appId: "-323232",
      event: { name: "Guide Displayed", guideId: properties.guideId, properties },
    };
    return {
      item: item as unknown as RecordableItem["item"],
      owner,
      connectionId,
      deliveryId: createUuid(Date.now()),
      source: "pendo-webhook",
      mappingVersion: 1,
    };
  });
}

const names =
  "workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, time_flag, pendo_visitor_id, pendo_account_id, app_id, guide_id, user_id, account_id, organization_id, properties";
const types = [
  "uuid",
  "uuid",
  "uuid",
  "uuid",
  "text",
  "text",
  "text",
  "timestamptz",
  "text",
  "text",
  "text",
  "text",
  "text",
  "uuid",
  "uuid",
  "uuid",
  "jsonb",
];

function listCells(workspaceId: string, items: readonly RecordableItem[]): unknown[][] {
  return items
    .map(({ item, owner, connectionId, deliveryId, source }) => [
      workspaceId,
      deriveUuid("event", connectionId, item.key),
      connectionId,
      deliveryId,
      source,
      item.kind,
      item.event!.name,
      item.time.at,
      item.time.flag,
      item.pendoVisitorId,
      item.pendoAccountId,
      item.appId,
      item.event!.guideId,
      owner.userId,
      owner.accountId,
      owner.organizationId,
      JSON.stringify(item.event!.properties),
    ])
    .sort((one, other) => (String(one[1]) < String(other[1]) ? -1 : 1));
}

export const recordStrategies: Strategy[] = [
  {
    name: "one JSON parameter, json_to_recordset (what events-table.ts does)",
    run: (place) =>
      measureRate(1, async () => {
        await inTransaction(place.pool, (tx) => insertEvents(tx, place.workspaceId, createItems(place)));
        return batch;
      }),
  },
  {
    name: "unnest over one array per column",
    run: (place) =>
      measureRate(1, async () => {
        const cells = listCells(place.workspaceId, createItems(place));
        await inTransaction(place.pool, (tx) =>
          tx.query({
            name: "unnest-events",
            text: `insert into events (${names}) select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(", ")}) on conflict do nothing returning event_id`,
            values: types.map((_, column) => cells.map((row) => row[column])),
          }),
        );
        return batch;
      }),
  },
  {
    name: "values, one parameter per cell",
    run: (place) =>
      measureRate(1, async () => {
        const cells = listCells(place.workspaceId, createItems(place));
        const rows = cells.map(
          (_, row) => `(${types.map((_type, column) => `$${row * types.length + column + 1}`).join(",")})`,
        );
        await inTransaction(place.pool, (tx) =>
          tx.query({
            name: "values-events",
            text: `insert into events (${names}) values ${rows.join(",")} on conflict do nothing returning event_id`,
            values: cells.flat(),
          }),
        );
        return batch;
      }),
  },
];
