import type { Expected } from "./tally.ts";

export type Summary = {
  seed: string;
  /** ISO 8601: with it as --now and the same options, a run is repeated to the byte. */
  now: string;
  isDryRun: boolean;
  /** Sent, with duplicates and retries. */
  requests: number;
  retries: number;
  /** By status or error code. */
  answers: Record<string, number>;
  /** Never answered 2xx, however often they were tried. */
  failed: number;
  distinct: number;
  duplicates: number;
  seconds: number;
  /** Requests a second. */
  perSecond: number;
  /** Milliseconds from when a request was due until its answer. */
  latency: { p50: number; p95: number; p99: number; max: number };
  /** Distinct deliveries. */
  kinds: Record<string, number>;
  /** Of the deliveries that were sent. */
  expected: Expected;
  /** Deliveries that were not sent on purpose. */
  lost?: number;
  /** What there would be if they had been: what a receiver has that read the API as well, as far as the API tells. */
  expectedWithLost?: Expected;
};

/** The summary for people. */
export function printSummary(summary: Summary): string {
  const { latency, expected, kinds, answers } = summary;
  const rows: (readonly [string, string | number])[] = [
    ["seed", summary.seed],
    ["now", summary.now],
    ["distinct deliveries", summary.distinct],
    ...(summary.lost === undefined ? [] : [["lost", summary.lost] as const]),
    ["duplicates", summary.duplicates],
    ["requests sent", summary.requests],
    ["  of them retries", summary.retries],
    ...Object.entries(answers).map(([answer, count]) => [`  answered ${answer}`, count] as const),
    ["given up", summary.failed],
    ["seconds", summary.seconds],
    ["requests a second", summary.perSecond],
    ["latency in ms", `p50 ${latency.p50}, p95 ${latency.p95}, p99 ${latency.p99}, max ${latency.max}`],
    ["", ""],
    ["sent, by kind", ""],
    ...Object.entries(kinds).map(([kind, count]) => [`  ${kind}`, count] as const),
    ["", ""],
    ["expected", "(visitorId is the user's external ID, accountId the account's)"],
    ["  events", expected.events],
    ["  NPS responses", expected.npsResponses],
    ["    with feedback", expected.npsWithFeedback],
    [
      "    by score",
      Object.entries(expected.npsScoreCounts)
        .map(([score, count]) => `${score}: ${count}`)
        .join(", "),
    ],
    ["  poll answers", expected.pollAnswers],
    ["  users", expected.users],
    ["  accounts", expected.accounts],
    ["  without user and account", expected.ownerless],
    ["  of unknown kind", expected.unknownKinds],
    ["  test messages", expected.pings],
  ];
  const { expectedWithLost } = summary;
  if (expectedWithLost)
    rows.push(
      ["", ""],
      ["with what was lost", ""],
      ["  NPS responses", expectedWithLost.npsResponses],
      ["    with feedback", expectedWithLost.npsWithFeedback],
      ["  poll answers", expectedWithLost.pollAnswers],
    );
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) =>
    `${name.padEnd(width)}${typeof value === "number" ? value.toLocaleString("en-US") : value}`.trimEnd(),
  );
  return `${summary.isDryRun ? "Dry run: nothing was sent.\n" : ""}${lines.join("\n")}\n`;
}
