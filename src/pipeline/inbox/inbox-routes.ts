// The delivery log and the ledger, for reading.
import type { FastifyInstance } from "fastify";
import {
  DeliveriesCount,
  DeliveriesCountQuery,
  DeliveriesQuery,
  Delivery,
  DeliveryDetail,
  ErrorAnswer,
  IdParameter,
  Ledger,
  LedgerDays,
  LedgerDaysQuery,
  LedgerQuery,
  PageOf,
  ParkedList,
  ParkedQuery,
} from "../../contract/api.ts";
import { DeliveriesCsvQuery } from "../../contract/csv.ts";
import { addExportRoute } from "../../platform/export-route.ts";
import { type ExportColumns, type Exports, readCellsOf } from "../../platform/exports.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import { checkZone } from "../../platform/zones.ts";
import { countDeliveries, findDelivery, listDeliveries } from "./delivery-queries.ts";
import { listLedgerDays } from "./ledger-days-queries.ts";
import { listLedgerHours, sumLedger } from "./ledger-queries.ts";
import { listParked } from "./parked-queries.ts";

const day = 24 * 60 * 60 * 1000;
const usualDays = 90;
const mostDays = 400;

const deliveryColumns: ExportColumns = {
  id: "id",
  connection_id: "connectionId",
  received_at: "receivedAt",
  size: "size",
  signed: "signed",
  endpoint: "endpoint",
  state: "state",
  reason: "reason",
  message: "message",
  kind: "kind",
  pendo_visitor_id: "pendo.visitorId",
  pendo_account_id: "pendo.accountId",
  attempts: "attempts",
  try_at: "tryAt",
  settled_at: "settledAt",
  made: "made",
};

export function addInboxRoutes(app: FastifyInstance, exports: Exports): void {
  addExportRoute(app, exports, {
    url: "/deliveries.csv",
    summary: "All deliveries that match, newest first, as a CSV file, without their bodies",
    tag: "Deliveries",
    query: DeliveriesCsvQuery,
    prepare: async () => readCellsOf(deliveryColumns),
    readPage: (db, { workspaceId, filter, page }) =>
      listDeliveries(db, { ...filter, workspaceId }, { from: undefined, ...page }),
  });
  addGetRoute(app, {
    url: "/deliveries",
    summary: "Deliveries, newest first",
    tag: "Deliveries",
    query: DeliveriesQuery,
    answer: PageOf(Delivery),
    errors: ErrorAnswer,
    read: ({ db, workspaceId, query: { limit, from, ...filter } }) =>
      listDeliveries(db, { ...filter, workspaceId }, { limit, from }),
  });
  addGetRoute(app, {
    url: "/deliveries/count",
    summary: "How many deliveries match, up to ten thousand",
    tag: "Deliveries",
    query: DeliveriesCountQuery,
    answer: DeliveriesCount,
    errors: ErrorAnswer,
    read: ({ db, workspaceId, query }) => countDeliveries(db, { ...query, workspaceId }),
  });
  addGetRoute(app, {
    url: "/deliveries/:id",
    summary: "One delivery: what came, its way, what was made of it",
    tag: "Deliveries",
    params: IdParameter,
    answer: DeliveryDetail,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      const delivery = await findDelivery(db, params.id, workspaceId);
      if (!delivery) throw new HttpError(404, `There is no delivery ${JSON.stringify(params.id)} in this workspace.`);
      return delivery;
    },
  });
  addGetRoute(app, {
    url: "/parked",
    summary: "What could not be matched, counted by connection and reason: most first",
    tag: "Deliveries",
    query: ParkedQuery,
    answer: ParkedList,
    errors: ErrorAnswer,
    async read({ db, workspaceId, query }) {
      if (query.connection !== undefined && !isUuid(query.connection))
        throw new HttpError(400, "`connection` is not the id of a connection.");
      return { items: await listParked(db, { workspaceId, connectionId: query.connection }) };
    },
  });
  addGetRoute(app, {
    url: "/ledger",
    summary: "The loss ledger: sums, and a line per connection and hour",
    tag: "Deliveries",
    query: LedgerQuery,
    answer: Ledger,
    errors: ErrorAnswer,
    async read({ db, workspaceId, query }) {
      if (query.connection !== undefined && !isUuid(query.connection))
        throw new HttpError(400, "`connection` is not the id of a connection.");
      const hours = await listLedgerHours(db, {
        workspaceId,
        ...(query.connection !== undefined && { connectionId: query.connection }),
        ...(query.since !== undefined && { since: new Date(query.since) }),
        ...(query.until !== undefined && { until: new Date(query.until) }),
      });
      return { ...sumLedger(hours), hours };
    },
  });
  addGetRoute(app, {
    url: "/ledger/days",
    summary: "What was received each day and what became of it; of the last 90 days unless said otherwise",
    tag: "Deliveries",
    query: LedgerDaysQuery,
    answer: LedgerDays,
    errors: ErrorAnswer,
    async read({ db, workspaceId, query }) {
      if (query.connection !== undefined && !isUuid(query.connection))
        throw new HttpError(400, "`connection` is not the id of a connection.");
      const until = query.until === undefined ? new Date() : new Date(query.until);
      const since = query.since === undefined ? new Date(until.getTime() - usualDays * day) : new Date(query.since);
      if (until.getTime() - since.getTime() > mostDays * day)
        throw new HttpError(400, `That are more than ${mostDays} days: ask for a part of them.`);
      const zone = await checkZone(db, query.zone);
      const of = { workspaceId, connectionId: query.connection, since, until, zone };
      return { items: await listLedgerDays(db, of) };
    },
  });
}
