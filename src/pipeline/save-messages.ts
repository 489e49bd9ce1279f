// Messages of the Analytics API become records and events: all of a batch together, one step after the other. What was said last
// counts and not what came last, so that the same messages in another order, or twice, leave the same state.
//
// Everything takes its locks in the order in which matching and imports do: users, organizations, accounts, each by external ID.
import type { Tx } from "../platform/database/pool.ts";
import type { Made, Owner } from "./facts.ts";
import { findLinkedUsers } from "./match/linked-users-queries.ts";
import { findNamed, type IdsByKind, makeNamed } from "./match/name-records.ts";
import { changeRecords, findOrMakeRecords, type PutTo } from "./match/put-records.ts";
import { type Message, type MessageToSave, spellSayer } from "./messages.ts";
import { type Park, park, type Reason } from "./outcome.ts";
import { deriveMessageId, insertMessages } from "./record/messages-table.ts";
import type { RecordResult } from "./record/record-items.ts";
import { sayFields } from "./record/record-sayings-table.ts";
import { setTraits } from "./record/traits-table.ts";
import { recordTracks } from "./record-tracks.ts";
import type { NamedRecords, RecordKind, TraitSaid } from "./records.ts";
import { saveMemberships } from "./save-memberships.ts";

export type SavedMessages = {
  /** One for each message, in their order. */
  results: (RecordResult | Park)[];
  /** Records that were made, and users who are in one more: what waited for them may go on. */
  made: NamedRecords;
};

/** What traits are called that messages set. */
const traitSource = "analytics";
/** In the order in which records are locked. */
const kinds: readonly RecordKind[] = ["user", "organization", "account"];

export async function saveMessages(
  tx: Tx,
  workspaceId: string,
  messages: readonly MessageToSave[],
  now: Date,
): Promise<SavedMessages> {
  const results = new Map<MessageToSave, RecordResult | Park>();
  const made: Record<RecordKind, Set<string>> = { user: new Set(), organization: new Set(), account: new Set() };
  const round = { tx, workspaceId, now, results, made };
  // Whoever is linked by this very batch is linked before those are looked at that name a user and nothing else.
  const lone = messages.filter(({ message }) => isLone(message));
  const others = messages.filter(({ message }) => !isLone(message));
  await saveRound(round, others, new Map());
  if (lone.length > 0) await saveLone(round, lone);
  return {
    results: messages.map((one) => results.get(one)!),
    made: { user: [...made.user], organization: [...made.organization], account: [...made.account] },
  };
}

type Round = {
  tx: Tx;
  workspaceId: string;
  now: Date;
  results: Map<MessageToSave, RecordResult | Park>;
  made: Record<RecordKind, Set<string>>;
};

function isLone({ type, userId, accountId, organizationId }: Message): boolean {
  return (type === "user" || type === "track") && userId !== null && accountId === null && organizationId === null;
}

/** A user who is in nothing yet waits. What somebody does who is in something is recorded where they were last. */
async function saveLone(round: Round, lone: readonly MessageToSave[]): Promise<void> {
  const ids = [...new Set(lone.map(({ message }) => message.userId!))];
  const linked = await findLinkedUsers(round.tx, round.workspaceId, ids);
  const ready: MessageToSave[] = [];
  const ownerOf = new Map<MessageToSave, Owner>();
  for (const one of lone) {
    const owner = linked.get(one.message.userId!);
    if (owner === undefined)
      round.results.set(one, park("user-without-account", `It is the user ${JSON.stringify(one.message.userId)}.`));
    else {
      ready.push(one);
      ownerOf.set(one, owner);
    }
  }
  await saveRound(round, ready, ownerOf);
}

/** `ownerOf`: where messages belong that do not say it themselves. */
async function saveRound(
  round: Round,
  messages: readonly MessageToSave[],
  ownerOf: ReadonlyMap<MessageToSave, Owner>,
): Promise<void> {
  if (messages.length === 0) return;
  const { tx, workspaceId, now, results } = round;
  const ids = await findNamed(tx, workspaceId, listNames(messages));
  const found = messages.filter((one) => parkWhereMissing(round, one, ids));
  const { fresh, isDuplicate } = await findFresh(round, found);
  const toMake = fresh.filter(({ message }) => message.type !== "unlink");
  await makeNamed(tx, workspaceId, { names: listNames(toMake), ids, made: round.made, at: now });
  await saveSayings(round, fresh, ids);
  const tracks = fresh.filter(({ message }) => message.type === "track");
  for (const [track, result] of await recordTracks(tx, workspaceId, tracks, { ids, ownerOf }))
    results.set(track, result);
  for (const one of found)
    if (one.message.type !== "track")
      results.set(one, { isDuplicate: isDuplicate(one), made: listMade(one.message, ids) });
}

function nameOf({ userId, accountId, organizationId }: Message, kind: RecordKind): string | null {
  return { user: userId, account: accountId, organization: organizationId }[kind];
}

function listNames(messages: readonly MessageToSave[]): Record<RecordKind, string[]> {
  const names = { user: new Set<string>(), organization: new Set<string>(), account: new Set<string>() };
  for (const { message } of messages)
    for (const kind of kinds) {
      const name = nameOf(message, kind);
      if (name !== null) names[kind].add(name);
    }
  return { user: [...names.user], organization: [...names.organization], account: [...names.account] };
}

const missing: Record<RecordKind, Reason> = {
  user: "no-such-user",
  organization: "no-such-organization",
  account: "no-such-account",
};

/** False where a record is missing that may not be made. */
function parkWhereMissing(round: Round, one: MessageToSave, ids: IdsByKind): boolean {
  if (one.mayCreate || one.message.type === "unlink") return true;
  for (const kind of kinds) {
    const name = nameOf(one.message, kind);
    if (name === null || ids[kind].has(name)) continue;
    const which = kind === "user" ? "No user" : kind === "account" ? "No account" : "No organization";
    round.results.set(one, park(missing[kind], `${which} has the external ID ${JSON.stringify(name)}.`));
    return false;
  }
  return true;
}

/**
 * Which messages may say something, and which another delivery brought before: those say nothing, and neither does the second of two
 * with the same id. One that its own delivery brings once more says what was forgotten since, with a record that was deleted, and
 * nothing else: what is known of a field is never older than what it says. A track is told by its event.
 */
async function findFresh(
  { tx, workspaceId }: Round,
  messages: readonly MessageToSave[],
): Promise<{ fresh: MessageToSave[]; isDuplicate: (one: MessageToSave) => boolean }> {
  const idOf = ({ connectionId, message }: MessageToSave) => deriveMessageId(connectionId, message.key);
  const told = messages
    .filter(({ message }) => message.type !== "track")
    .map((one) => ({ one, id: idOf(one), deliveryId: one.deliveryId }));
  const heldBy = await insertMessages(tx, workspaceId, told);
  const saying = new Map<string, MessageToSave>();
  for (const { one, id, deliveryId } of told) if (heldBy.get(id) === deliveryId && !saying.has(id)) saying.set(id, one);
  const isSaying = new Set(saying.values());
  return {
    fresh: messages.filter((one) => one.message.type === "track" || isSaying.has(one)),
    isDuplicate: (one) => heldBy.get(idOf(one)) !== one.deliveryId,
  };
}

async function saveSayings(round: Round, messages: readonly MessageToSave[], ids: IdsByKind): Promise<void> {
  const sayings: Record<RecordKind, CountingField[]> = { user: [], organization: [], account: [] };
  for (const kind of kinds) sayings[kind] = await sayAllFields(round, kind, messages, ids);
  const { joined, left } = await saveMemberships(round, messages, ids);
  for (const { user } of joined) round.made.user.add(user);
  const moved = new Set([...joined, ...left].map(({ userId }) => userId));
  for (const kind of kinds)
    await saveFields(round, kind, {
      subjects: [
        ...new Set([...listSubjects(messages, kind), ...(kind === "user" ? left.map(({ user }) => user) : [])]),
      ],
      fields: sayings[kind],
      ids,
      moved: kind === "user" ? moved : new Set(),
    });
}

/** The columns of a record, of which `organization` names another record. */
type Columns = Message["said"] & { organization?: string };
type Column = Exclude<keyof Columns, "traits">;
const columns: readonly Column[] = ["name", "email", "avatar", "joinedAt", "organization"];

type CountingField = { recordId: string; field: string; saidAt: number; saidBy: string; at: Date } & (
  | { column: Column; value: Columns[Column]; externalId: string }
  | { trait: TraitSaid }
);

/** Whose record a message is about; null: about none. */
function subjectOf(message: Message, kind: RecordKind): string | null {
  return message.type === kind ? nameOf(message, kind) : null;
}

function listSubjects(messages: readonly MessageToSave[], kind: RecordKind): string[] {
  return [...new Set(messages.map(({ message }) => subjectOf(message, kind)))].filter((name) => name !== null);
}

/** What messages say of the records of a kind, as far as nobody has said anything newer. */
async function sayAllFields(
  { tx, workspaceId }: Round,
  kind: RecordKind,
  messages: readonly MessageToSave[],
  ids: IdsByKind,
): Promise<CountingField[]> {
  const said = messages.flatMap(({ message, connectionId }): CountingField[] => {
    const externalId = subjectOf(message, kind);
    if (externalId === null) return [];
    const head = {
      recordId: ids[kind].get(externalId)!,
      saidAt: message.saidAt,
      saidBy: spellSayer(message, connectionId),
      at: message.time.at,
    };
    const values: Columns = {
      ...message.said,
      ...(kind === "account" && message.organizationId !== null && { organization: message.organizationId }),
    };
    return [
      ...columns.flatMap((column): CountingField[] =>
        values[column] === undefined ? [] : [{ ...head, field: column, column, value: values[column], externalId }],
      ),
      ...message.said.traits.map((trait) => ({ ...head, field: `trait ${trait.name}`, trait })),
    ];
  });
  return sayFields(tx, { workspaceId, recordType: kind }, said);
}

type FieldsToSave = {
  subjects: readonly string[];
  fields: readonly CountingField[];
  ids: IdsByKind;
  /** Records whose memberships have changed. */
  moved: ReadonlySet<string>;
};

async function saveFields(
  round: Round,
  kind: RecordKind,
  { subjects, fields, ids, moved }: FieldsToSave,
): Promise<void> {
  if (subjects.length === 0) return;
  const { tx, workspaceId, now } = round;
  const to: PutTo = { workspaceId, kind, source: "api", at: now };
  const values = new Map<string, Record<string, unknown>>(subjects.map((externalId) => [externalId, {}]));
  for (const field of fields) {
    if (!("column" in field)) continue;
    const { column, value, externalId } = field;
    if (column === "organization") values.get(externalId)!.organizationId = ids.organization.get(value as string)!;
    else values.get(externalId)![column] = value;
  }
  const sayings = [...values].map(([externalId, said]) => ({ externalId, ...said }));
  const found = await findOrMakeRecords(tx, to, sayings);
  const changes = await setTraits(
    tx,
    { workspaceId, recordType: kind, source: traitSource, readAt: now },
    fields.flatMap((field) =>
      "trait" in field ? [{ ...field.trait, recordId: field.recordId, readAt: field.at }] : [],
    ),
  );
  await changeRecords(tx, to, sayings, found, new Set([...moved, ...changes.map(({ recordId }) => recordId)]));
}

/** The record that a message is about; of an unlink the user. */
function listMade(message: Message, ids: IdsByKind): Made[] {
  const kind: RecordKind = message.type === "unlink" || message.type === "track" ? "user" : message.type;
  const id = ids[kind].get(nameOf(message, kind)!);
  return id === undefined ? [] : [{ type: kind, id }];
}
