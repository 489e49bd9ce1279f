// Visitors and accounts as Pendo shows them: metadata in groups, dates in epoch milliseconds, names in lower case.
// Metadata can be changed at run time; everything else follows from the world and its moments.
import type { Deliveries } from "../../create-deliveries.ts";
import type { Account, Json, JsonObject, Visitor } from "../../world/types.ts";
import type { Clock } from "../clock.ts";
import { hashText } from "../hash-text.ts";
import { nameServer } from "./event-rows.ts";
import { type Activity, readActivity } from "./read-activity.ts";

export type PersonKind = "visitor" | "account";
export type Metadata = Record<string, JsonObject>;

export type People = {
  has: (kind: PersonKind, id: string) => boolean;
  /** In no particular order, always the same. */
  list: (kind: PersonKind) => Iterable<string>;
  findMetadata: (kind: PersonKind, id: string) => Metadata | undefined;
  /** The answer of `GET /visitor/{id}` and `GET /account/{id}`. */
  find: (kind: PersonKind, id: string) => JsonObject | undefined;
  /** Adds or replaces values; creates nobody. False for an unknown id. */
  setMetadata: (kind: PersonKind, id: string, group: string, values: JsonObject) => boolean;
  /** Somebody whom only the API knows: created by it, never seen in the app. */
  create: (kind: PersonKind, id: string) => void;
};

type Entry = {
  kind: PersonKind;
  id: string;
  nid: number;
  changes: Metadata;
  changedAt: number;
  /** Made when first asked for: paging through visitors asks for all of them again and again. */
  metadata: Metadata | null;
} & (
  | { of: "visitor"; visitor: Visitor | null; activity: Activity | undefined }
  | { of: "account"; account: Account; activity: Activity | undefined }
  | { of: "api" }
  | { of: "unprocessed" }
);

/** One in so many visitors is not to be processed: Pendo knows nothing of them but their id. */
const unprocessedEvery = 200;

export function createPeople(deliveries: Deliveries, clock: Clock): People {
  const records: Record<PersonKind, Map<string, Entry>> = { visitor: new Map(), account: new Map() };
  const blank = (kind: PersonKind, id: string) => ({
    kind,
    id,
    nid: records[kind].size,
    changes: {} as Metadata,
    changedAt: 0,
    metadata: null,
  });
  const { world } = deliveries;
  const activities = readActivity(deliveries.moments);
  for (const visitor of world.visitors) {
    const activity = activities.visitor.get(visitor.id);
    if (visitor.firstSeenAt >= world.period.from && !activity) continue;
    records.visitor.set(visitor.id, { ...blank("visitor", visitor.id), of: "visitor", visitor, activity });
  }
  // Ids that stand for nobody (`undefined`, `null` …) are visitors to Pendo, in dozens of accounts.
  for (const [id, activity] of activities.visitor) {
    if (id === "" || records.visitor.has(id)) continue;
    records.visitor.set(id, { ...blank("visitor", id), of: "visitor", visitor: null, activity });
  }
  for (let count = 0; count < Math.ceil(world.visitors.length / unprocessedEvery); count += 1) {
    const id = `do-not-process-${count}`;
    records.visitor.set(id, { ...blank("visitor", id), of: "unprocessed" });
  }
  for (const account of world.accounts) {
    const activity = activities.account.get(account.id);
    if (account.firstSeenAt >= world.period.from && !activity) continue;
    records.account.set(account.id, { ...blank("account", account.id), of: "account", account, activity });
  }
  const findMetadata = (kind: PersonKind, id: string) => {
    const record = records[kind].get(id);
    if (record) record.metadata ??= addChanges(createMetadata(record), record);
    return record?.metadata ?? undefined;
  };
  return {
    has: (kind, id) => records[kind].has(id),
    list: (kind) => records[kind].keys(),
    findMetadata,
    find: (kind, id) => {
      const metadata = findMetadata(kind, id);
      if (!metadata || kind === "account") return metadata && { id, metadata };
      return {
        id,
        accountIds: metadata.auto?.accountids ?? [],
        lastStartTime: metadata.auto?.lastvisit ?? 0,
        metadata,
        account: { id: "" },
      };
    },
    setMetadata: (kind, id, group, values) => {
      const record = records[kind].get(id);
      if (!record) return false;
      record.changes = { ...record.changes, [group]: { ...record.changes[group], ...values } };
      record.changedAt = clock.now();
      record.metadata = null;
      return true;
    },
    create: (kind, id) => {
      if (!records[kind].has(id)) records[kind].set(id, { ...blank(kind, id), of: "api", changedAt: clock.now() });
    },
  };
}

function addChanges(metadata: Metadata, { changes, changedAt }: Entry): Metadata {
  if (changedAt === 0) return metadata;
  const changed: Metadata = { ...metadata };
  for (const [group, values] of Object.entries(changes)) changed[group] = { ...changed[group], ...values };
  if (changed.auto) changed.auto = { ...changed.auto, lastupdated: changedAt };
  return changed;
}

function createMetadata(record: Entry): Metadata {
  switch (record.of) {
    case "unprocessed":
      return { agent: {}, custom: {}, pendo: { donotprocess: true, designerenabled: false } };
    case "api":
      return {
        agent: {},
        auto: { id: record.id, idhash: hashText(record.id), nid: record.nid, lastupdated: record.changedAt },
        custom: {},
        pendo: { donotprocess: false, designerenabled: false, integrationsource: "api" },
      };
    case "account":
      return createAccountMetadata(record.account, record.activity, record.nid);
    case "visitor":
      return createVisitorMetadata(record.id, record.visitor, record.activity, record.nid);
  }
}

function createAccountMetadata(account: Account, activity: Activity | undefined, nid: number): Metadata {
  const firstVisit = account.firstSeenAt * 1000;
  const lastVisit = activity ? activity.last * 1000 : firstVisit;
  return {
    agent: account.metadata.agent,
    auto: {
      firstvisit: firstVisit,
      id: account.id,
      idhash: hashText(account.id),
      lastupdated: lastVisit,
      lastvisit: lastVisit,
      nid,
    },
    custom: { ...account.metadata.custom, planlevel: null, renewaldate: null },
    salesforce: hashText(account.id) % 3 === 0 ? { id: account.metadata.custom.crm_id ?? null } : {},
  };
}

function createVisitorMetadata(
  id: string,
  visitor: Visitor | null,
  activity: Activity | undefined,
  nid: number,
): Metadata {
  const accountIds = visitor ? visitor.accounts.map((account) => account.id) : [...(activity?.accountIds ?? [])];
  const firstVisit = (visitor?.firstSeenAt ?? activity?.first ?? 0) * 1000;
  const lastVisit = activity ? activity.last * 1000 : firstVisit;
  const browser = visitor?.browser;
  const auto: JsonObject = {
    accountid: activity?.lastAccountId || (accountIds[0] ?? ""),
    accountids: accountIds,
    ...(visitor?.isAnonymous !== true && { firstidentifiedvisit: firstVisit }),
    firstvisit: firstVisit,
    id,
    idhash: hashText(id),
    ...(browser && { lastbrowsername: browser.name, lastbrowserversion: browser.version }),
    ...(browser && { lastoperatingsystem: nameSystem(browser.userAgent), lastuseragent: browser.userAgent }),
    lastservername: nameServer("web"),
    lastupdated: lastVisit,
    lastvisit: lastVisit,
    nid,
  };
  const metadata: Metadata = {
    agent: visitor?.metadata.agent ?? {},
    auto,
    custom: visitor?.metadata.custom ?? {},
    pendo: { donotprocess: false, designerenabled: false },
  };
  // The sign of the app's id is lost: `auto__323232` is the default app's.
  for (const appId of activity?.appIds ?? []) metadata[`auto__${Math.abs(appId)}`] = { firstvisit: firstVisit };
  return metadata;
}

function nameSystem(userAgent: string): string {
  if (userAgent.includes("Windows")) return "Windows";
  return userAgent.includes("Mac OS X") ? "Mac OS X" : "Linux";
}

/** The value at `group.field`, null where there is none. */
export function readField(metadata: Metadata, group: string, field: string): Json {
  const values = Object.hasOwn(metadata, group) ? metadata[group] : undefined;
  return values && Object.hasOwn(values, field) ? (values[field] ?? null) : null;
}
