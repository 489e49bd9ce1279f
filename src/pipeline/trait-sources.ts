// Words about sources of traits: who says what a trait is. Each source has values of its own and never touches another's.

/** People, imports and the API. */
export const customSource = "custom";

const ofReport = "pendo-report:";

/** Every report is a source of its own, so that two of them never take turns at one value. */
export function sourceOfReport(reportId: string): string {
  return `${ofReport}${reportId}`;
}

/** The report that a source is; null: it is something else. */
export function findReportId(source: string): string | null {
  return source.startsWith(ofReport) ? source.slice(ofReport.length) : null;
}

const names: Record<string, string> = { [customSource]: "Plumbline", analytics: "Analytics API" };

/** What people call a source. `report` is what the report behind it is called, if it still is one. */
export function nameSource(source: string, report: string | undefined): string {
  if (findReportId(source) !== null) return report ?? "a report that was removed";
  return Object.hasOwn(names, source) ? names[source]! : source;
}
