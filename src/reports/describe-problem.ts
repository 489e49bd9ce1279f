// What a run could not use, in sentences and as a file.
import type { Readable } from "node:stream";
import { writeCsv } from "../platform/csv.ts";
import type { ReportProblem } from "./report.ts";
import type { ProblemPlace } from "./report-problems-table.ts";

const sentences: Record<string, string> = {
  "no-id": "The id column is empty in this row.",
  nobody: "The id identifies nobody: it is one of those that stand where there is none.",
  "id-unusable": "The id cannot be kept exactly: it is too long, or has characters that no database can store.",
  "identity-wanted": "Pendo is being asked what this id is called here. The next run has the answer.",
  "field-empty-for-visitor": "The metadata field that holds the user's external ID is empty for this visitor.",
  "field-empty-for-account": "The metadata field that holds the external ID is empty for this account.",
  "visitor-unknown-to-pendo": "Pendo's API does not know this visitor, or not yet.",
  "account-unknown-to-pendo": "Pendo's API does not know this account, or not yet.",
  "visitor-refused-by-pendo": "Pendo takes no question about this visitor's id.",
  "account-refused-by-pendo": "Pendo takes no question about this account's id.",
  "no-such-user": "No user has this external ID, and the connection only links to existing records.",
  "no-such-account": "No account has this external ID.",
  "no-such-organization": "No organization has this external ID, and the connection only links to existing records.",
  "no-organization": "The account is in no organization.",
  "not-a-number": "The cell is not a number, or has more digits than a number keeps.",
  "not-a-text": "The cell is a list or an object, and not a text.",
  "not-a-yes-or-no": "The cell is neither true nor false, yes nor no, 1 nor 0.",
  "not-a-date": "The cell is not a date: neither ISO 8601 nor seconds or milliseconds since 1970.",
  "not-a-list": "The cell is not a list of texts and numbers.",
  "too-long": "The cell is longer than 32 KB.",
};

/** The reason in a sentence. A reason of a later version stands for itself. */
export function describeProblem({ reason }: Pick<ReportProblem, "reason">): string {
  return Object.hasOwn(sentences, reason) ? sentences[reason]! : reason;
}

const names = ["row", "kind", "id", "column", "value", "reason", "message"];
const pageSize = 1_000;

export type ListProblems = (page: { after: ProblemPlace | undefined; limit: number }) => Promise<ReportProblem[]>;

/** All of them as CSV, page by page as it is taken. */
export function writeProblems(list: ListProblems): Readable {
  return writeCsv(names, listCells(list), { bom: true, escapeFormulas: true });
}

async function* listCells(list: ListProblems): AsyncGenerator<unknown[]> {
  let after: ProblemPlace | undefined;
  for (;;) {
    const page = await list({ after, limit: pageSize });
    for (const problem of page) {
      const { rowNumber, kind, rowId, column, value, reason } = problem;
      yield [rowNumber, kind, rowId, column, value, reason, describeProblem(problem)];
    }
    if (page.length < pageSize) return;
    after = page.at(-1);
  }
}
