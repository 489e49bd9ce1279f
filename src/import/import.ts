// An import as it is kept: a file that came over HTTP, and what becomes of it.
import type { RecordKind } from "../pipeline/records.ts";

type ImportState = "uploading" | "waiting" | "running" | "done" | "failed" | "cancelled";

export type ColumnRole = "externalId" | "name" | "email" | "organization" | "account";
/** What a column becomes; a trait has the column's name unless another one is given. */
export type ColumnChoice = { column: string; becomes: ColumnRole | "trait" | "nothing"; trait?: string | undefined };

export type ImportCounts = {
  /** Rows with something in them: read = created + updated + unchanged + repeated + rejected, once it is done. */
  read: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Rows about a record that another row is about, too. */
  repeated: number;
  rejected: number;
  /** Values of traits that are new, changed or gone. */
  traits: number;
  /** Records that were only named, and made because there were none. */
  madeOrganizations: number;
  madeAccounts: number;
  /** Deliveries that waited for these records. */
  released: number;
};

export const noCounts: ImportCounts = {
  read: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  repeated: 0,
  rejected: 0,
  traits: 0,
  madeOrganizations: 0,
  madeAccounts: 0,
  released: 0,
};

export type Import = {
  workspaceId: string;
  id: string;
  kind: RecordKind;
  state: ImportState;
  isRehearsal: boolean;
  encoding: string | null;
  size: number;
  columns: readonly string[];
  choices: readonly ColumnChoice[] | null;
  step: "reading" | "writing" | null;
  done: number;
  total: number | null;
  savedTo: string | null;
  counts: ImportCounts;
  message: string | null;
  madeBy: string;
  failures: number;
  deaths: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

/** The file, or what people chose of its columns, is wrong as a whole: trying the same again is of no use. */
export class WrongFileError extends Error {}

/** The first column of a file of rejected rows. A file that has it is such a file, mended: it is read without it. */
export const rejectionColumn = "rejection reason";
