// Facts become rows: all of a batch at once, each exactly once, whoever records and however often.
import type { Tx } from "../../platform/database/pool.ts";
import type { Item, Made, Owner } from "../facts.ts";
import { deriveEventId, insertEvents } from "./events-table.ts";
import { deriveNpsResponseId, insertNpsResponses } from "./nps-responses-table.ts";
import { derivePollResponseId, insertPollResponses } from "./poll-responses-table.ts";

export type RecordableItem = {
  item: Item;
  owner: Owner;
  connectionId: string;
  deliveryId: string;
  /** How it came to us: "pendo-webhook". */
  source: string;
  /** The mapping that its owner was found by. */
  mappingVersion: number;
};

/** Of each id that was to be recorded: the delivery that it is recorded from. */
export type HeldBy = Map<string, string>;

/** A duplicate is what another delivery brought before. A replay of the delivery that brought it is none. */
export type RecordResult = { isDuplicate: boolean; made: Made[] };

/** One result for each item, in their order. */
export async function recordItems(
  tx: Tx,
  workspaceId: string,
  items: readonly RecordableItem[],
): Promise<RecordResult[]> {
  const first = keepFirstOfEachKey(items);
  const events = first.filter(({ item }) => item.event !== null);
  const responses = first.filter(({ item }) => item.nps !== null);
  const heldBy: HeldBy = new Map([
    ...(events.length > 0 ? await insertEvents(tx, workspaceId, events) : []),
    ...(responses.length > 0 ? await insertNpsResponses(tx, workspaceId, responses) : []),
  ]);
  const polls = events.filter(
    (one) => one.item.polls.length > 0 && heldBy.get(listMade(one)[0]!.id) === one.deliveryId,
  );
  await insertPollResponses(tx, workspaceId, polls);
  return items.map((one): RecordResult => {
    const made = listMade(one);
    const holder = heldBy.get(made[0]!.id);
    if (holder === undefined)
      throw new Error("An item was neither recorded nor found; this is a bug in the record stage.");
    return { isDuplicate: holder !== one.deliveryId, made };
  });
}

function listMade({ item, connectionId }: RecordableItem): Made[] {
  if (item.nps) return [{ type: "nps-response", id: deriveNpsResponseId(connectionId, item.key) }];
  return [
    { type: "event", id: deriveEventId(connectionId, item.key) },
    ...item.polls.map(
      (_, place): Made => ({ type: "poll-response", id: derivePollResponseId(connectionId, item.key, place) }),
    ),
  ];
}

/** The same thing twice in one batch: the one that arrived first stands for both. */
function keepFirstOfEachKey(items: readonly RecordableItem[]): RecordableItem[] {
  const seen = new Set<string>();
  return items.filter(({ item, connectionId }) => {
    const key = `${connectionId} ${item.nps ? "nps" : "event"} ${item.key}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
