// Organizations, accounts and users: listed, read, made, changed, deleted.
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import {
  VitallyAccount,
  VitallyDeleted,
  VitallyDeleteQuery,
  VitallyError,
  VitallyId,
  VitallyListQuery,
  VitallyOrganization,
  VitallyPageOf,
  VitallyUser,
  VitallyUserSearch,
} from "../../contract/vitally.ts";
import { wakeWorkers } from "../../pipeline/inbox/inbox-channel.ts";
import { listTraitTypes } from "../../pipeline/record/trait-settings-table.ts";
import type { RecordKind, RecordSaid } from "../../pipeline/records.ts";
import { removeRecord } from "../../pipeline/remove-record.ts";
import { RecordStateError, saveRecords } from "../../pipeline/save-records.ts";
import { findNamedRecords } from "../../pipeline/use/record-ids-queries.ts";
import type { Database, Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { parseIsoTime } from "../../platform/iso-time.ts";
import type { JsonObject } from "../../platform/json.ts";
import { type Author, addGetRoute, addRoute } from "../../platform/routes.ts";
import { findNamed, requireBody, requireNamed, tag } from "./named-records.ts";
import { readListQuery } from "./read-list-query.ts";
import { type NamedInBody, readNewRecord, readRecordBody } from "./read-record-body.ts";
import {
  accountsOfOrganization,
  chooseByEmail,
  chooseByEmailDomain,
  chooseByStatus,
  listRecords,
  readRecords,
  usersOfAccount,
  usersOfOrganization,
} from "./record-queries.ts";

type Kind = { kind: RecordKind; path: string; object: TSchema };

const kinds: readonly Kind[] = [
  { kind: "organization", path: "/organizations", object: VitallyOrganization },
  { kind: "account", path: "/accounts", object: VitallyAccount },
  { kind: "user", path: "/users", object: VitallyUser },
];

export function addRecordRoutes(app: FastifyInstance, clock: () => Date): void {
  addUserSearch(app);
  for (const kind of kinds) {
    addReading(app, kind);
    addWriting(app, kind, clock);
  }
  addNestedLists(app);
}

function addReading(app: FastifyInstance, { kind, path, object }: Kind): void {
  addGetRoute(app, {
    url: path,
    summary: `All ${kind}s`,
    tag,
    query: VitallyListQuery,
    answer: VitallyPageOf(object),
    errors: VitallyError,
    read: async ({ db, workspaceId, query }) => {
      const choice = kind === "account" ? await chooseAccounts(db, workspaceId, query.status) : {};
      return listRecords(db, workspaceId, kind, readListQuery(query), choice);
    },
  });
  addGetRoute(app, {
    url: `${path}/:id`,
    summary: `One ${kind}, by id or external ID`,
    tag,
    params: VitallyId,
    answer: object,
    errors: VitallyError,
    read: async ({ db, workspaceId, params }) => {
      const { id } = await requireNamed(db, kind, workspaceId, params.id);
      return readOne(db, workspaceId, kind, id);
    },
  });
}

function chooseAccounts(db: Queryable, workspaceId: string, status = "active") {
  if (status === "activeOrChurned") return {};
  if (status === "active" || status === "churned") return chooseByStatus(db, workspaceId, status);
  throw new HttpError(400, "`status` must be active, churned or activeOrChurned.");
}

function addWriting(app: FastifyInstance, { kind, path, object }: Kind, clock: () => Date): void {
  addRoute(app, {
    method: "POST",
    url: path,
    summary: `Makes a ${kind}`,
    tag,
    answer: object,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, body }) => {
      const given = requireBody(body);
      const read = readRecordBody(kind, given, await listTraitTypes(database, workspaceId, kind));
      const externalId = readNewRecord(kind, given, read);
      const said = { ...read.said, externalId, ...(await findNamedInBody(database, workspaceId, read.named)) };
      return save(database, { workspaceId, kind, path, author, at: clock(), expect: "new" }, said);
    },
  });
  addRoute(app, {
    method: "PUT",
    url: `${path}/:id`,
    summary: `Changes what is given of a ${kind}`,
    tag,
    params: VitallyId,
    answer: object,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, params, body }) => {
      const given = requireBody(body);
      const { externalId } = await requireNamed(database, kind, workspaceId, params.id);
      refuseOtherExternalId(given, externalId);
      const { said, named } = readRecordBody(kind, given, await listTraitTypes(database, workspaceId, kind));
      const places = await findNamedInBody(database, workspaceId, named);
      return save(
        database,
        { workspaceId, kind, path, author, at: clock(), expect: "there" },
        { ...said, externalId, ...places },
      );
    },
  });
  addRoute(app, {
    method: "DELETE",
    url: `${path}/:id`,
    summary: `Deletes a ${kind} and all that is its own`,
    tag,
    params: VitallyId,
    query: VitallyDeleteQuery,
    answer: VitallyDeleted,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, params, query }) => {
      refuseLater(query.deleteOn, clock());
      const { id } = await requireNamed(database, kind, workspaceId, params.id);
      if (!(await removeRecord(database, { workspaceId, kind, id, author, at: clock() })))
        throw new HttpError(404, `There is no such ${kind}.`);
      return { id };
    },
  });
}

function refuseOtherExternalId({ externalId }: JsonObject, own: string): void {
  if (externalId === undefined || externalId === null || String(externalId) === own) return;
  throw new HttpError(400, "`externalId` is set when a record is made, and cannot be changed.");
}

/** What is to be deleted one day must not be deleted today. */
function refuseLater(deleteOn: string | undefined, now: Date): void {
  if (deleteOn === undefined) return;
  const at = parseIsoTime(deleteOn);
  if (at === undefined) throw new HttpError(400, "`deleteOn` must be a time in ISO 8601.");
  if (at > now.getTime())
    throw new HttpError(400, "Deleting at a later time is not offered: send the request at that time.");
}

type SaveTo = {
  workspaceId: string;
  kind: RecordKind;
  path: string;
  author: Author;
  at: Date;
  expect: "new" | "there";
};

async function save(database: Database, { path, ...to }: SaveTo, said: RecordSaid): Promise<object> {
  const { workspaceId, kind } = to;
  try {
    const { released } = await saveRecords(database, { ...to, source: "api" }, [said]);
    if (released > 0) await wakeWorkers(database);
  } catch (error) {
    if (!(error instanceof RecordStateError)) throw error;
    if (!error.found.isThere) throw new HttpError(404, `There is no such ${kind}.`);
    throw new HttpError(
      400,
      `There is a ${kind} with this \`externalId\` already: change it with PUT /resources${path}/${error.found.id}.`,
    );
  }
  const saved = (await findNamedRecords(database, kind, workspaceId, said.externalId)).find(
    ({ externalId }) => externalId === said.externalId,
  );
  if (!saved) throw new HttpError(404, `The ${kind} was deleted meanwhile.`);
  return readOne(database, workspaceId, kind, saved.id);
}

async function readOne(db: Queryable, workspaceId: string, kind: RecordKind, id: string): Promise<object> {
  const [record] = await readRecords(db, workspaceId, kind, [id]);
  if (!record) throw new HttpError(404, `The ${kind} was deleted meanwhile.`);
  return record;
}

/** What a body names is there already: a wrong id must not make a record of its own. */
async function findNamedInBody(
  database: Database,
  workspaceId: string,
  { organizationId, accountIds, organizationIds }: NamedInBody,
): Promise<Pick<RecordSaid, "organization" | "accounts" | "organizations">> {
  const findAll = async (kind: RecordKind, ids: readonly string[]) => {
    const externalIds: string[] = [];
    for (const id of ids) {
      const record = await findNamed(database, kind, workspaceId, id);
      if (!record) throw new HttpError(400, `There is no ${kind} ${JSON.stringify(id)}.`);
      externalIds.push(record.externalId);
    }
    return externalIds;
  };
  return {
    ...(organizationId !== undefined && {
      organization: organizationId === null ? null : (await findAll("organization", [organizationId]))[0]!,
    }),
    ...(accountIds && { accounts: await findAll("account", accountIds) }),
    ...(organizationIds && { organizations: await findAll("organization", organizationIds) }),
  };
}

function addNestedLists(app: FastifyInstance): void {
  const nested = [
    { of: "organization", url: "/organizations/:id/accounts", kind: "account", members: accountsOfOrganization },
    { of: "organization", url: "/organizations/:id/users", kind: "user", members: usersOfOrganization },
    { of: "account", url: "/accounts/:id/users", kind: "user", members: usersOfAccount },
  ] as const;
  for (const { of, url, kind, members } of nested)
    addGetRoute(app, {
      url,
      summary: `The ${kind}s of one ${of}`,
      tag,
      params: VitallyId,
      query: VitallyListQuery,
      answer: VitallyPageOf(kind === "user" ? VitallyUser : VitallyAccount),
      errors: VitallyError,
      read: async ({ db, workspaceId, params, query }) => {
        const asked = readListQuery(query);
        const { id } = await requireNamed(db, of, workspaceId, params.id);
        return listRecords(db, workspaceId, kind, asked, { among: members(workspaceId, id) });
      },
    });
}

function addUserSearch(app: FastifyInstance): void {
  addGetRoute(app, {
    url: "/users/search",
    summary: "Users by external ID, address, or what is behind its @",
    tag,
    query: VitallyUserSearch,
    answer: VitallyPageOf(VitallyUser),
    errors: VitallyError,
    read: async ({ db, workspaceId, query }) => {
      const { externalId, email, emailSubdomain } = query;
      if ([externalId, email, emailSubdomain].filter((one) => one !== undefined && one !== "").length !== 1)
        throw new HttpError(400, "Give exactly one of `externalId`, `email` and `emailSubdomain`.");
      const choice = externalId
        ? { conditions: [{ sql: "r.external_id = ?", values: [externalId] }] }
        : email
          ? chooseByEmail(email)
          : chooseByEmailDomain(emailSubdomain!);
      return listRecords(db, workspaceId, "user", readListQuery(query), choice);
    },
  });
}
