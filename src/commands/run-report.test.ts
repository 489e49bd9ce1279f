import { expect, test } from "vitest";
import { describeProgress } from "./run-report.ts";

const at = (step: "reading" | "matching" | "writing" | null, done: number, total: number | null = null) =>
  ({ step, done, total, message: null }) as const;

test.each<[Parameters<typeof describeProgress>[0], number | null, string]>([
  [at(null, 0), null, "Pendo is asked for the report …"],
  [at("reading", 0), 1_000, "Pendo is asked for the report …"],
  [at("reading", 12_345), null, "reading 12,345 rows"],
  [at("reading", 500), 1_000, "reading [###############···············] 500 of about 1,000"],
  [at("reading", 3_000), 1_000, "reading [##############################] 3,000 of about 1,000"],
  [at("matching", 200, 2_000), 9, "matching [###···························] 200 of 2,000"],
  [at("writing", 0), 1_000, "writing …"],
  [{ ...at("reading", 5), message: "Pendo does not answer." }, 9, "Pendo does not answer."],
])("%j after %s rows", (run, rowsBefore, shown) => expect(describeProgress(run, rowsBefore)).toBe(shown));
