// Words about reports: which of Pendo's reports becomes which traits of whom.
import type { RecordKind, TraitType } from "../pipeline/records.ts";

/** What the id column holds: Pendo's id of a visitor or an account, which the mapping says what it is called here, or an external ID. */
export type ReportIdKind = "visitor" | "account" | "external";

/**
 * How the values of several rows about one record become one. Rows without a value do not count, and neither do cells that do
 * not fit their type; `count` and `distinct` are numbers whatever the column's type.
 */
export type Combine = "sum" | "average" | "min" | "max" | "count" | "distinct" | "latest";

export const combines: readonly Combine[] = ["sum", "average", "min", "max", "count", "distinct", "latest"];

export type ReportColumn = {
  /** As Pendo spells it. */
  column: string;
  /** The name of the trait it becomes. */
  trait: string;
  /** Of its cells; what does not fit is reported and changes nothing. */
  type: TraitType;
  combine: Combine;
  /** For `latest`: the column of dates that says which row is the latest; null: the last one Pendo gives. */
  latestBy: string | null;
};

/** Characters of the name of a trait. */
export const longestTraitName = 200;

export const everyHours = [1, 3, 6, 12, 24] as const;
export type EveryHours = (typeof everyHours)[number];

export type Report = {
  workspaceId: string;
  id: string;
  connectionId: string;
  /** Pendo's id of it, and its name there. */
  pendoReportId: string;
  name: string;
  /** Whose traits its columns become. */
  level: RecordKind;
  idColumn: string;
  idKind: ReportIdKind;
  columns: readonly ReportColumn[];
  /** What becomes of a value that the report has no longer. */
  vanished: "keep" | "clear";
  everyHours: EveryHours;
  isOn: boolean;
  /** The beginning of the window whose run is still to come. */
  nextAt: Date;
  createdAt: Date;
  updatedAt: Date;
};

export { sourceOfReport } from "../pipeline/trait-sources.ts";

/** How a row of Pendo's is identified for the people who look for it. */
export type ReportProblem = {
  rowNumber: number;
  /** Empty: the row is nobody's. */
  column: string;
  kind: "unmatched" | "type-error";
  /** One of a few words; the sentence for it is made where it is shown. */
  reason: string;
  rowId: string | null;
  value: string | null;
};
