// Words about reports of Pendo's: what is listed, what comes of reading one, and who takes its rows.
import type { JsonObject } from "../../platform/json.ts";
import type { PendoTrouble } from "./pendo-error.ts";
import type { PendoKind } from "./pipelines.ts";

/** A report as Pendo lists it; what Pendo does not say is null. */
export type PendoReport = {
  id: string;
  name: string;
  /** In Pendo's words, such as Visitor Report. */
  type: string | null;
  /** What its rows are about. */
  level: PendoKind | null;
  scope: string | null;
  /** Also where Pendo does not say: asking for its rows will tell. */
  isShared: boolean;
  /** When it ran last at Pendo. */
  lastRunAt: Date | null;
  isSyncable: boolean;
  /** Why it cannot be synced, for a person. */
  whyNot: string | null;
};

/** Takes a report's rows. Its own errors end the reading and arrive as they are. */
export type RowTaker = {
  /** Before the rows of every attempt, so that what an attempt before left behind can be thrown away. */
  begin: () => Promise<void>;
  /** Rows in Pendo's order; nothing more is read from Pendo until it resolves. */
  take: (rows: JsonObject[]) => Promise<void>;
  /** After every attempt, also the one that succeeds. */
  onAttempt?: (attempt: ReportAttempt) => void | Promise<void>;
};

/** How an attempt to read a report went. */
export type ReportAttempt = {
  at: Date;
  /** Null where there was no answer. */
  status: number | null;
  bytes: number;
  rows: number;
  milliseconds: number;
  /** Null where it succeeded. `interrupted`: whoever took the rows failed. */
  trouble: PendoTrouble | "interrupted" | null;
};

/** A whole report, read. Bytes and milliseconds are those of the attempt that succeeded. */
export type ReportReading = { rows: number; bytes: number; milliseconds: number; status: number };

export type FirstRows = {
  /** In the order in which the rows name them. */
  columns: string[];
  rows: JsonObject[];
};
