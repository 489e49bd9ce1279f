import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Box, Text } from "@mantine/core";
import { formatDay, formatNumber } from "../../parts/format.ts";
import type { Results } from "./poll-page.tsx";

/** Answers a day; days without any are there, and empty. */
export function PollChart({ buckets }: { buckets: Results["buckets"] }) {
  const [first] = buckets;
  const last = buckets.at(-1);
  if (!first || !last)
    return (
      <Text size="sm" c="dimmed">
        Nobody answered in this time.
      </Text>
    );
  const known = new Map(buckets.map(({ at, answers }) => [at, answers]));
  const data: { day: string; answers: number }[] = [];
  const end = Date.parse(`${last.at}T12:00:00Z`);
  for (let at = Date.parse(`${first.at}T12:00:00Z`); at <= end && data.length < 800; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    data.push({ day: formatDay(`${day}T12:00:00`), answers: known.get(day) ?? 0 });
  }
  return (
    <Box role="img" aria-label={buckets.map(({ at, answers }) => `${at}: ${answers}`).join(", ")}>
      <BarChart
        h={180}
        data={data}
        dataKey="day"
        series={[{ name: "answers", color: "var(--mantine-primary-color-filled)" }]}
        valueFormatter={formatNumber}
        tickLine="none"
        gridAxis="x"
        barProps={{ isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false }}
        yAxisProps={{ width: 40, allowDecimals: false }}
        xAxisProps={{ minTickGap: 40 }}
      />
    </Box>
  );
}
