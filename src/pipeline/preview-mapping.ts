// Looks at a mapping before it is saved: what Pendo's visitors and accounts would be called, what matching again would do, and
// which fields would be external IDs. Streams everything into temporary tables and changes nothing.

import type { MatchPreviewQuery } from "../contract/matching.ts";
import type { PendoClient } from "../pendo/client/pendo-client.ts";
import type { PendoClients } from "../pendo/client/pendo-clients.ts";
import { PendoError } from "../pendo/client/pendo-error.ts";
import type { Identity } from "../pendo/client/pipelines.ts";
import { parseFieldName, readFieldValue } from "../pendo/field-value.ts";
import { isNobody } from "../pendo/read-id.ts";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { MappingChange } from "./apply-mapping.ts";
import type { ConnectionRules, Mapping } from "./facts.ts";
import type { IdentityKind } from "./match/identity-queries.ts";
import {
  type FactsPreviews,
  previewFacts,
  previewRecords,
  type RecordsPreview,
  stageOwners,
} from "./match/preview/facts-preview.ts";
import { type Advice, adviseFields, createStagedValues, stageValues } from "./match/preview/field-advice.ts";
import {
  countStaged,
  createStagedIdentities,
  type PeoplePreview,
  recordTables,
  type StagedIdentity,
  stageIdentities,
  stageSeenIds,
} from "./match/preview/staged-identities.ts";
import type { RecordKind } from "./records.ts";
import { MappingError, readMapping, readMappingChange, refuseWhatCannotWork } from "./save-mapping.ts";

export type PreviewOptions = {
  database: Database;
  clients: Pick<PendoClients, "open">;
  onRead?: (count: number) => void;
};

export type MappingPreview = {
  mapping: Mapping;
  missingRecords: ConnectionRules["missingRecords"];
  visitors: PeoplePreview;
  accounts: PeoplePreview;
  /** What was recorded: how much would get another owner, and how much could not be matched and be parked. */
  facts: FactsPreviews;
  records: Record<`${RecordKind}s`, RecordsPreview>;
  /** Null where Pendo was not asked. */
  fields: { visitors: Advice; accounts: Advice } | null;
  /** Why Pendo could not be asked, in words; what Plumbline has seen is looked at all the same. */
  trouble: string | null;
};

/** People of each kind whose fields are looked at, and values kept of them: enough to judge a field, and not a second Pendo. */
const mostAdvised = 100_000;
const mostValues = 3_000_000;

/** Throws in words for a person where the mapping could not work, and a PendoError where it needs Pendo and Pendo cannot be asked. */
export async function previewMapping(
  options: PreviewOptions,
  connectionId: string,
  { hierarchy, ...change }: MappingChange,
): Promise<MappingPreview> {
  const { database } = options;
  const before = await readMapping(database, connectionId);
  const mapping: Mapping = { ...before.mapping, ...change };
  refuseWhatCannotWork(mapping, { ...before, hasHierarchy: hierarchy ?? before.hasHierarchy });
  const missingRecords = await readMissingRecords(database, connectionId);
  const of = { workspaceId: before.workspaceId, connectionId, level: mapping.level, missingRecords };
  return withTemporaryTables(database, async (db) => {
    const asked = await stageFromPendo(options, db, before, mapping);
    for (const kind of ["visitor", "account"] as const)
      await stageSeenIds(db, of, kind, (id) => nameSeen(id, fieldOf(mapping, kind)));
    await db.query("analyze pg_temp.plumbline_identities");
    await stageOwners(db, of);
    const advise = (kind: IdentityKind, lookedAt: number, record: RecordKind) =>
      adviseFields(db, { ...of, kind, lookedAt }, recordTables[record]);
    return {
      mapping: { userIdFrom: mapping.userIdFrom, accountIdFrom: mapping.accountIdFrom, level: mapping.level },
      missingRecords,
      visitors: await countStaged(db, of.workspaceId, "visitor", recordTables.user),
      accounts: await countStaged(db, of.workspaceId, "account", recordTables[mapping.level]),
      facts: await previewFacts(db, of),
      records: {
        users: await previewRecords(db, of, "user"),
        accounts: await previewRecords(db, of, "account"),
        organizations: await previewRecords(db, of, "organization"),
      },
      fields: asked.lookedAt && {
        visitors: await advise("visitor", asked.lookedAt.visitor, "user"),
        accounts: await advise("account", asked.lookedAt.account, mapping.level),
      },
      trouble: asked.trouble,
    };
  });
}

/** The same for the API: what the caller has to mend is a 400, what Pendo does wrong a 502. */
export async function answerPreview(
  options: PreviewOptions,
  connectionId: string,
  { hierarchy, ...query }: MatchPreviewQuery,
): Promise<MappingPreview> {
  const change = { ...readMappingChange(query), ...(hierarchy !== undefined && { hierarchy: hierarchy === "on" }) };
  try {
    return await previewMapping(options, connectionId, change);
  } catch (error) {
    if (error instanceof MappingError) throw new HttpError(400, error.message);
    if (error instanceof PendoError) throw new HttpError(502, error.message);
    throw error;
  }
}

const fieldOf = (mapping: Mapping, kind: IdentityKind) =>
  kind === "visitor" ? mapping.userIdFrom : mapping.accountIdFrom;

async function readMissingRecords(db: Queryable, connectionId: string): Promise<ConnectionRules["missingRecords"]> {
  const { rows } = await db.query("select missing_records from connections where connection_id = $1", [connectionId]);
  return rows[0].missing_records;
}

/** One client for the length of it, because temporary tables are its own; they may be large, and so may the questions. */
async function withTemporaryTables<T>(database: Database, work: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken: Error | undefined;
  try {
    await client.query("set statement_timeout = 0");
    await createStagedIdentities(client);
    await createStagedValues(client);
    const result = await work(client);
    await client.query("discard temp");
    await client.query("reset statement_timeout");
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    // After a failure the client is closed, and its tables go with it.
    client.release(broken);
  }
}

type Asked = { lookedAt: Record<IdentityKind, number> | null; trouble: string | null };

async function stageFromPendo(
  options: PreviewOptions,
  db: Queryable,
  of: { workspaceId: string; connectionId: string; hasKey: boolean },
  mapping: Mapping,
): Promise<Asked> {
  if (!of.hasKey) return { lookedAt: null, trouble: "The connection has no integration key, so Pendo was not asked." };
  const lookedAt = { visitor: 0, account: 0 };
  try {
    const client = await options.clients.open(of);
    for (const kind of ["visitor", "account"] as const)
      lookedAt[kind] = await stageSide(options, db, client, { kind, field: fieldOf(mapping, kind) });
    return { lookedAt, trouble: null };
  } catch (error) {
    const isNeeded = mapping.userIdFrom !== null || mapping.accountIdFrom !== null;
    if (isNeeded || !(error instanceof PendoError)) throw error;
    return { lookedAt: null, trouble: error.message };
  }
}

/** Resolves to how many people's fields were kept for advice. */
async function stageSide(
  { onRead = () => {} }: PreviewOptions,
  db: Queryable,
  client: PendoClient,
  { kind, field }: { kind: IdentityKind; field: string | null },
): Promise<number> {
  let advised = 0;
  let values = 0;
  for await (const page of client.listIdentities(kind, "all")) {
    await stageIdentities(
      db,
      kind,
      page.map((identity) => nameIdentity(identity, field)),
    );
    onRead(page.length);
    if (advised >= mostAdvised || values >= mostValues) continue;
    const people = page.filter(({ id }) => !isNobody(id));
    const found = people.flatMap((identity) => listValues(identity, kind));
    await stageValues(db, kind, found);
    advised += people.length;
    values += found.length;
  }
  return advised;
}

function nameIdentity({ id: pendoId, metadata }: Identity, field: string | null): StagedIdentity {
  const nobody = { pendoId, state: "nobody", externalId: null } as const;
  if (isNobody(pendoId)) return nobody;
  if (field === null) return { pendoId, state: "value", externalId: pendoId };
  const name = parseFieldName(field)!;
  const value = readFieldValue(metadata, name);
  if (value !== null) return { pendoId, state: "value", externalId: value.text };
  const groups = name.group === null ? Object.keys(metadata) : [name.group];
  const isFilled = groups.some((group) => {
    const values = metadata[group];
    return values && Object.hasOwn(values, name.field) && ![null, ""].includes(values[name.field] as string | null);
  });
  return isFilled ? nobody : { pendoId, state: "no-value", externalId: null };
}

/** An id that deliveries named and Pendo did not list. */
function nameSeen(pendoId: string, field: string | null): StagedIdentity {
  if (isNobody(pendoId)) return { pendoId, state: "nobody", externalId: null };
  if (field === null) return { pendoId, state: "value", externalId: pendoId };
  return { pendoId, state: "unknown", externalId: null };
}

/** Groups that Pendo fills by itself: times of visits, browsers, and the id once more. */
const isPendosOwn = (group: string) => group.startsWith("auto") || group === "pendo";

function listValues({ id, metadata }: Identity, kind: IdentityKind): { field: string; value: string }[] {
  const own = { field: `${kind}Id`, value: id };
  const fields = Object.entries(metadata)
    .filter(([group]) => !isPendosOwn(group))
    .flatMap(([group, values]) =>
      Object.keys(values).flatMap((field) => {
        const value = readFieldValue(metadata, { group, field });
        return value === null ? [] : [{ field: `${group}.${field}`, value: value.text }];
      }),
    );
  return [own, ...fields];
}
