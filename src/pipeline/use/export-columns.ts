// What stands in the columns of exported lists.
import type { Queryable } from "../../platform/database/pool.ts";
import { type ExportColumns, readCellsOf, toCell } from "../../platform/exports.ts";
import type { RecordKind } from "../records.ts";
import type { Reference } from "../references.ts";
import type { FactList } from "./fact-conditions.ts";
import type { RecordList } from "./records-queries.ts";

const owner: ExportColumns = {
  user: "user.externalId",
  account: "account.externalId",
  organization: "organization.externalId",
  user_id: "user.id",
  account_id: "account.id",
  organization_id: "organization.id",
  user_name: "user.name",
  account_name: "account.name",
  organization_name: "organization.name",
  pendo_visitor_id: "pendo.visitorId",
  pendo_account_id: "pendo.accountId",
};
const origin: ExportColumns = {
  source: "source",
  connection_id: "connectionId",
  delivery_id: "deliveryId",
  app_id: "appId",
};
const guide: ExportColumns = { guide_id: "guide.id", guide_name: "guide.name" };

export const factColumns: Record<FactList, ExportColumns> = {
  events: {
    id: "id",
    kind: "kind",
    name: "name",
    occurred_at: "occurredAt",
    time_flag: "timeFlag",
    ...owner,
    guide_id: "guideId",
    properties: "properties",
    ...origin,
  },
  npsResponses: {
    id: "id",
    score: "score",
    feedback: "feedback",
    responded_at: "respondedAt",
    time_flag: "timeFlag",
    ...owner,
    channel: "channel",
    ...guide,
    ...origin,
  },
  pollResponses: {
    id: "id",
    question: "question",
    answer: "answer",
    answer_label: "answerLabel",
    responded_at: "respondedAt",
    time_flag: "timeFlag",
    ...owner,
    ...guide,
    guide_step_id: "guideStepId",
    poll_id: "pollId",
    poll_type: "pollType",
    event_id: "eventId",
    ...origin,
  },
};

/** In words that an import understands. */
const recordColumns: Record<RecordList, ExportColumns> = {
  users: {
    external_id: "externalId",
    name: "name",
    email: "email",
    accounts: "accounts.externalIds",
    account_names: "accounts.names",
    organizations: "organizations.externalIds",
    organization_names: "organizations.names",
  },
  accounts: {
    external_id: "externalId",
    name: "name",
    organization: "organization.externalId",
    organization_name: "organization.name",
    users: "usersCount",
  },
  organizations: { external_id: "externalId", name: "name", accounts: "accountsCount", users: "usersCount" },
};
const ownColumns: ExportColumns = { plumbline_id: "id", created_at: "createdAt", updated_at: "updatedAt" };

/** A spreadsheet takes some thousand columns; what is beyond stands together in the last one. */
const mostTraits = 1_000;
const otherTraits = "other traits";

/** Every trait of the workspace's records of this kind has a column, by its name. */
export async function prepareRecordColumns(
  db: Queryable,
  { workspaceId, list, kind }: { workspaceId: string; list: RecordList; kind: RecordKind },
): Promise<{ columns: readonly string[]; readCells: (row: object) => unknown[] }> {
  const fixed = readCellsOf({ ...recordColumns[list], ...ownColumns });
  const { rows } = await db.query<{ name: string }>(
    "select distinct name from traits where workspace_id = $1 and record_type = $2",
    [workspaceId, kind],
  );
  const names = rows.map((row) => row.name).sort();
  const shown = names.slice(0, mostTraits);
  const isMore = names.length > shown.length;
  const taken = new Set([...fixed.columns, otherTraits]);
  return {
    columns: [
      ...fixed.columns,
      ...shown.map((name) => (taken.has(name) ? `trait ${name}` : name)),
      ...(isMore ? [otherTraits] : []),
    ],
    readCells(row) {
      const { traits } = row as { traits: Record<string, unknown> };
      return [
        ...fixed.readCells(withJoined(row)),
        ...shown.map((name) => toCell(Object.hasOwn(traits, name) ? traits[name] : null)),
        ...(isMore ? [toCell(pickOthers(traits, new Set(shown)))] : []),
      ];
    },
  };
}

function pickOthers(traits: Record<string, unknown>, shown: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(traits).filter(([name]) => !shown.has(name)));
}

type Several = readonly Reference[];

/** What a user belongs to: external IDs in one cell, and names in the same order, empty where there is none. */
function withJoined(row: object): object {
  const { accounts, organizations } = row as { accounts?: Several; organizations?: Several };
  return {
    ...row,
    ...(Array.isArray(accounts) && { accounts: joinReferences(accounts) }),
    ...(Array.isArray(organizations) && { organizations: joinReferences(organizations) }),
  };
}

function joinReferences(records: Several): { externalIds: string; names: string } {
  return {
    externalIds: joinTexts(records.map(({ externalId }) => externalId)),
    names: joinTexts(records.map(({ name }) => name ?? "")),
  };
}

/** With semicolons; as a JSON list where a text would be taken for several, or lose its spaces. */
function joinTexts(texts: readonly string[]): string {
  const isPlain = texts.every((text) => text.trim() === text && !text.includes(";") && !text.startsWith("["));
  return isPlain ? texts.join(";") : JSON.stringify(texts);
}
