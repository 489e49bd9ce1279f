import "@mantine/charts/styles.css";
import { CompositeChart } from "@mantine/charts";
import { Box, Text } from "@mantine/core";
import { formatDay, formatNumber, formatShortDay } from "../../parts/format.ts";
import { formatScore } from "../../parts/score.tsx";
import { TableBehind } from "../../parts/table-behind.tsx";
import type { Summary } from "./nps-page.tsx";

/** The score as a line, the number of answers as bars. A time without answers has neither. */
export function NpsChart({ summary: { buckets, step } }: { summary: Summary }) {
  if (buckets.length < 2)
    return (
      <Text size="sm" c="dimmed">
        There are not answers of two {step}s yet.
      </Text>
    );
  const data = fill(buckets, step).map(({ at, score, answers }) => ({
    day: at,
    score,
    answers: answers === 0 ? null : answers,
  }));
  const words = buckets.map(({ at, score, answers }) => `${at}: ${formatScore(score)} of ${answers}`).join(", ");
  const rows = buckets
    .map(({ at, score, answers, promoters, passives, detractors }) => [
      formatDay(`${at}T12:00:00`),
      formatScore(score),
      ...[answers, promoters, passives, detractors].map(formatNumber),
    ])
    .reverse();
  return (
    <>
      <Box role="img" aria-label={`By ${step}. ${words}`}>
        <CompositeChart
          h={220}
          data={data as Record<string, unknown>[]}
          dataKey="day"
          withRightYAxis
          withLegend
          connectNulls={false}
          series={[
            { name: "answers", label: "Answers", color: "var(--behind)", type: "bar", yAxisId: "right" },
            { name: "score", label: "Score", color: "var(--mantine-primary-color-filled)", type: "line" },
          ]}
          yAxisProps={{ domain: [-100, 100], width: 40 }}
          rightYAxisProps={{ width: 32, allowDecimals: false }}
          xAxisProps={{ minTickGap: 32, tickFormatter: (at) => formatShortDay(`${at}T12:00:00`) }}
          tooltipProps={{ labelFormatter: (at) => (at ? formatDay(`${at}T12:00:00`) : "") }}
          curveType="linear"
          valueFormatter={formatNumber}
          lineProps={{ isAnimationActive: false, strokeWidth: 2 }}
          barProps={{ isAnimationActive: false }}
          composedChartProps={{ accessibilityLayer: false }}
          gridAxis="x"
        />
      </Box>
      <TableBehind
        label={`The score by ${step}`}
        head={[step === "day" ? "Day" : `The ${step} from`, "Score", "Answers", "Promoters", "Passives", "Detractors"]}
        rows={rows}
      />
    </>
  );
}

type Bucket = Pick<Summary["buckets"][number], "at" | "score" | "answers">;

/** Times between the first and the last that nobody answered in. */
function fill(buckets: Summary["buckets"], step: Summary["step"]): Bucket[] {
  const known = new Map<string, Bucket>(buckets.map((bucket) => [bucket.at, bucket]));
  const filled: Bucket[] = [];
  const end = buckets.at(-1)?.at ?? "";
  for (let at = buckets[0]?.at ?? ""; at <= end && filled.length < 1_000; at = next(at, step))
    filled.push(known.get(at) ?? { at, score: null, answers: 0 });
  return filled;
}

function next(at: string, step: Summary["step"]): string {
  const date = new Date(`${at}T12:00:00Z`);
  if (step === "month") date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCDate(date.getUTCDate() + (step === "week" ? 7 : 1));
  return date.toISOString().slice(0, 10);
}
