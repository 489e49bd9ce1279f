// What is asked of Pendo about its reports. Whoever puts the parts together says how; what goes wrong there is told in Pendo's
// errors, which are none of ours.
import type { JsonObject } from "../platform/json.ts";

/** A report as Pendo lists it. */
export type PendoReport = {
  id: string;
  name: string;
  /** In Pendo's words, such as Visitor Report. */
  type: string | null;
  /** What its rows are about; null: Pendo does not say. */
  level: "visitor" | "account" | null;
  isShared: boolean;
  /** When it ran last at Pendo; null: never, or Pendo does not say. */
  lastRunAt: Date | null;
  isSyncable: boolean;
  /** Why it cannot be synced, for a person. */
  whyNot: string | null;
};

export type FirstRows = {
  /** In the order in which Pendo's rows have them. */
  columns: readonly string[];
  rows: readonly JsonObject[];
};

type ConnectionName = { workspaceId: string; connectionId: string };

export type PendoReports = {
  list: (connection: ConnectionName) => Promise<PendoReport[]>;
  /** Runs the report at Pendo, and stops listening after `count` rows. */
  readFirstRows: (connection: ConnectionName, pendoReportId: string, count: number) => Promise<FirstRows>;
};

/** So many rows say what is in a column. */
export const rowsLookedAt = 200;
