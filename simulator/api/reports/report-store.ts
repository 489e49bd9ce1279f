// Which reports there are now. What somebody does to a report in Pendo between two runs is a change: it is deleted, a column
// goes, most rows go.
import type { JsonObject } from "../../world/types.ts";
import { hashText } from "../hash-text.ts";
import type { PersonKind } from "../records/people.ts";
import { type Column, listFields, listReportRows, nameType, type Report, type ReportShape } from "./report.ts";

/** What is left out stays as it is. */
export type ReportChange = {
  name?: string;
  isDeleted?: boolean;
  isShared?: boolean;
  /** Columns that are no longer there. */
  withoutColumns?: readonly string[];
  /** From 0 to 1: so large a part of the rows is left, the first ones. */
  share?: number;
  /** These instead of its own; null gives its own back. */
  rows?: readonly JsonObject[] | null;
  shape?: ReportShape;
};

export type NewReport = { name: string; level: PersonKind; rows: readonly JsonObject[]; type?: string };

export type ReportStore = {
  /** As they are now, also those that are deleted. */
  list: () => readonly Report[];
  find: (id: string) => Report | undefined;
  /** From 1. */
  versionOf: (report: Report) => number;
  /** Makes the next version the current one and returns its number. */
  advance: (report: Report) => number;
  change: (report: Report, change: ReportChange) => Report;
  /** A report with rows of somebody's choice. */
  create: (report: NewReport) => Report;
  /** Rows of the current version, or of another. */
  listRows: (report: Report, version?: number) => Iterable<JsonObject>;
};

type Entry = { report: Report; version: number; change: ReportChange };

export function createReportStore(reports: readonly Report[]): ReportStore {
  const entries = new Map(reports.map((report): [string, Entry] => [report.id, { report, version: 1, change: {} }]));
  const get = ({ id }: Report): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new Error(`There is no report ${id}.`);
    return entry;
  };
  const find = (id: string) => {
    const entry = entries.get(id);
    return entry && applyChange(entry);
  };
  return {
    list: () => [...entries.values()].map(applyChange),
    find,
    versionOf: (report) => get(report).version,
    advance(report) {
      const entry = get(report);
      entry.version += 1;
      return entry.version;
    },
    change(report, change) {
      const entry = get(report);
      Object.assign(entry.change, change);
      return applyChange(entry);
    },
    create({ name, level, rows, type = nameType(level) }) {
      const id = `made-${entries.size}-${hashText(name).toString(36)}`;
      const report = { id, name, level, type, isShared: true, isDeleted: false, hasResults: true, isChanging: false };
      const entry: Entry = { report: { ...report, shape: "list", size: 0, columns: [] }, version: 1, change: { rows } };
      entries.set(id, entry);
      return applyChange(entry);
    },
    listRows(report, version = get(report).version) {
      const entry = get(report);
      const { rows, share } = entry.change;
      const now = applyChange(entry);
      const all = rows ? pickFields(rows, listFields(now)) : listReportRows(now, version);
      return share === undefined ? all : takeFirst(all, Math.floor(now.size * share));
    },
  };
}

function applyChange({ report, change }: Entry): Report {
  const { rows, withoutColumns = [], share: _share, ...rest } = change;
  const columns = rows ? columnsOf(rows) : report.columns;
  return {
    ...report,
    ...rest,
    size: rows?.length ?? report.size,
    columns: columns.map((column) => ({ ...column, isGone: withoutColumns.includes(column.field) })),
  };
}

function columnsOf(rows: readonly JsonObject[]): Column[] {
  const fields = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...fields].map((field) => ({ field, make: () => undefined }));
}

function* pickFields(rows: readonly JsonObject[], fields: readonly string[]): Iterable<JsonObject> {
  const kept = new Set(fields);
  for (const row of rows) yield Object.fromEntries(Object.entries(row).filter(([field]) => kept.has(field)));
}

function* takeFirst<T>(all: Iterable<T>, count: number): Iterable<T> {
  let taken = 0;
  if (count === 0) return;
  for (const one of all) {
    yield one;
    taken += 1;
    if (taken === count) return;
  }
}
