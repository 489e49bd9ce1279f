// What the API takes of lists that are exported as CSV files: their filters, without pages.
import { type TProperties, Type } from "typebox";
import { AuditQuery } from "./access.ts";
import { DeliveriesQuery, FactsQuery, RecordsQuery } from "./api.ts";

const csv = {
  bom: Type.Optional(
    Type.Boolean({ default: false, description: "Begin with the mark by which spreadsheets know UTF-8" }),
  ),
  escape: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        "Put an apostrophe in front of cells that a spreadsheet would run as formulas; false: cells as they are, for programs",
    }),
  ),
};

function withoutPages<Properties extends TProperties>(properties: Properties): Omit<Properties, "limit" | "from"> {
  const { limit: _limit, from: _from, ...filters } = properties;
  return filters;
}

export const FactsCsvQuery = Type.Object({ ...withoutPages(FactsQuery.properties), ...csv });
export const RecordsCsvQuery = Type.Object({ ...withoutPages(RecordsQuery.properties), ...csv });
export const DeliveriesCsvQuery = Type.Object({ ...withoutPages(DeliveriesQuery.properties), ...csv });
export const AuditCsvQuery = Type.Object({ ...withoutPages(AuditQuery.properties), ...csv });
/** A person opens it in a spreadsheet. */
export const RejectedCsvQuery = Type.Object({
  ...csv,
  bom: Type.Boolean({ default: true, description: "Begin with the mark by which spreadsheets know UTF-8" }),
});
/** Of any length: a limit of texts would not be true. */
export const CsvFile = Type.Unsafe<string>({
  contentMediaType: "text/csv",
  description: "UTF-8; the first row names the columns, rows end in CR LF",
});
