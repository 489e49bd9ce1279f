// NPS responses that come from elsewhere than Pendo: said, changed and deleted through the API.
import { noteRecord } from "../access/note-records.ts";
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { hasUser } from "./match/record-queries.ts";
import {
  changeNpsResponse,
  type NpsResponseChange,
  type NpsResponseSaid,
  putNpsResponse,
  removeNpsResponse,
} from "./record/nps-responses-table.ts";

export type { NpsResponseChange, NpsResponseSaid };

/** Who says it, and where and when. */
type By = { workspaceId: string; author: Author; at: Date };

export type NpsResponseOutcome =
  | { outcome: "saved"; id: string }
  | { outcome: "no-user" }
  | { outcome: "not-changeable" };

/** Makes a response, or changes the one that has its external ID. */
export function saveNpsResponse(database: Database, by: By, said: NpsResponseSaid): Promise<NpsResponseOutcome> {
  return inTransaction(database, async (tx) => {
    const { workspaceId, at } = by;
    if (!(await hasUser(tx, workspaceId, said.userId))) return { outcome: "no-user" };
    const id = await putNpsResponse(tx, workspaceId, said, at);
    // One with an external ID may have been there: either way it is now what was said.
    await noteRecord(tx, by, { type: "nps-response", id, done: "made", fields: listGiven(said) });
    return { outcome: "saved", id };
  });
}

/** Changes what is given of a response. One that a person gave to Pendo is not changeable: it is what they answered. */
export function correctNpsResponse(
  database: Database,
  by: By,
  id: string,
  change: NpsResponseChange,
): Promise<NpsResponseOutcome> {
  return inTransaction(database, async (tx) => {
    const { workspaceId, at } = by;
    if (change.userId !== undefined && !(await hasUser(tx, workspaceId, change.userId))) return { outcome: "no-user" };
    const isChanged = await changeNpsResponse(tx, workspaceId, id, change, at);
    if (!isChanged) return { outcome: "not-changeable" };
    await noteRecord(tx, by, { type: "nps-response", id, done: "changed", fields: listGiven(change) });
    return { outcome: "saved", id };
  });
}

export function deleteNpsResponse(database: Database, by: By, id: string): Promise<void> {
  return inTransaction(database, async (tx) => {
    await removeNpsResponse(tx, by.workspaceId, id);
    await noteRecord(tx, by, { type: "nps-response", id, done: "deleted" });
  });
}

function listGiven(said: object): string[] {
  return Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
