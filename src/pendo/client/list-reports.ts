// How Pendo lists reports. Little of it is published, so that only what is understood is read, and the rest may be anything.
import { type Json, type JsonObject, toStorableText } from "../../platform/json.ts";
import { readTime } from "../read-time.ts";
import type { PendoKind } from "./pipelines.ts";
import type { PendoReport } from "./report.ts";
import type { Reader } from "./send-request.ts";
import { createRowSplitter, type RowPlace } from "./split-rows.ts";

const placeOfReports: RowPlace = { names: ["results", "reports"], mayBeBare: true, mayBeMissing: false };

/** Definitions of reports are long: each is let go of when it has been looked at. */
export function createReportListReader(clock: () => Date): Reader<PendoReport[]> {
  const reports: PendoReport[] = [];
  const splitter = createRowSplitter((row) => reports.push(...readListedReport(row, clock())), placeOfReports);
  return {
    push: splitter.push,
    end() {
      splitter.end();
      return reports;
    },
  };
}

/** Nothing for an entry without an id, which cannot be asked for either. */
export function readListedReport(entry: JsonObject, now: Date): PendoReport[] {
  const id = readText(entry.id);
  if (id === null) return [];
  const type = readText(entry.type);
  const scope = readText(entry.scope);
  const isShared = readShared(entry.shared, scope);
  const whyNot = explainUnsyncable(type, isShared);
  return [
    {
      id,
      name: toStorableText(readText(entry.name) ?? id),
      type,
      level: readLevel(entry.level) ?? readLevel(entry.type),
      scope,
      isShared,
      lastRunAt: readRunTime(entry, now),
      isSyncable: whyNot === null,
      whyNot,
    },
  ];
}

function readText(value: Json | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

function readLevel(value: Json | undefined): PendoKind | null {
  if (typeof value !== "string") return null;
  if (/visitor/i.test(value)) return "visitor";
  return /account/i.test(value) ? "account" : null;
}

function readShared(value: Json | undefined, scope: string | null): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && /^(true|false)$/i.test(value.trim())) return value.trim().toLowerCase() === "true";
  return !(scope !== null && /private|personal|^(me|own|owner|user)$/i.test(scope));
}

function readRunTime({ lastRunAt, lastSuccessRunAt }: JsonObject, now: Date): Date | null {
  for (const value of [lastRunAt, lastSuccessRunAt]) {
    const { at, flag } = readTime(value, now);
    if (flag === null) return at;
  }
  return null;
}

/** Kinds whose rows Pendo does not give, and what they are called. */
const kindsWithoutRows: readonly [pattern: RegExp, name: string][] = [
  [/funnel/i, "funnels"],
  [/path/i, "paths"],
  [/retention/i, "retention reports"],
  [/explorer/i, "Data Explorer reports"],
  [/workflow/i, "workflows"],
];

/** A type that nobody knows is worth a try: whoever asks for its rows is told what Pendo says. */
function explainUnsyncable(type: string | null, isShared: boolean): string | null {
  const kind = kindsWithoutRows.find(([pattern]) => type !== null && pattern.test(type));
  if (kind)
    return `Pendo does not give the rows of ${kind[1]} to other programs: only visitor and account reports can be synced.`;
  return isShared ? null : "The report is not shared: share it in Pendo, and it can be synced.";
}
