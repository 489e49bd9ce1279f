// NPS responses that come from elsewhere than Pendo: said, changed and deleted through the API.
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { hasUser } from "./match/record-queries.ts";
import {
  changeNpsResponse,
  type NpsResponseChange,
  type NpsResponseSaid,
  putNpsResponse,
  removeNpsResponse,
} from "./record/nps-responses-table.ts";

export type { NpsResponseChange, NpsResponseSaid };

export type NpsResponseOutcome =
  | { outcome: "saved"; id: string }
  | { outcome: "no-user" }
  | { outcome: "not-changeable" };

/** Makes a response, or changes the one that has its external ID. */
export function saveNpsResponse(
  database: Database,
  workspaceId: string,
  said: NpsResponseSaid,
  at: Date,
): Promise<NpsResponseOutcome> {
  return inTransaction(database, async (tx) => {
    if (!(await hasUser(tx, workspaceId, said.userId))) return { outcome: "no-user" };
    return { outcome: "saved", id: await putNpsResponse(tx, workspaceId, said, at) };
  });
}

/** Changes what is given of a response. One that a person gave to Pendo is not changeable: it is what they answered. */
export function correctNpsResponse(
  database: Database,
  workspaceId: string,
  id: string,
  change: NpsResponseChange,
  at: Date,
): Promise<NpsResponseOutcome> {
  return inTransaction(database, async (tx) => {
    if (change.userId !== undefined && !(await hasUser(tx, workspaceId, change.userId))) return { outcome: "no-user" };
    const isChanged = await changeNpsResponse(tx, workspaceId, id, change, at);
    return isChanged ? { outcome: "saved", id } : { outcome: "not-changeable" };
  });
}

export function deleteNpsResponse(database: Database, workspaceId: string, id: string): Promise<void> {
  return inTransaction(database, (tx) => removeNpsResponse(tx, workspaceId, id));
}
