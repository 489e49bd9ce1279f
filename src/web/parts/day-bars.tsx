import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Box } from "@mantine/core";
import { formatDay, formatNumber, formatShortDay } from "./format.ts";
import { TableBehind } from "./table-behind.tsx";

type DayBarsProps = {
  /** What is counted. */
  name: string;
  /** Days with something, as 2026-05-20, the oldest first. */
  days: readonly { at: string; count: number }[];
  /** Days; the first and the last with something, unless given. */
  from?: string;
  to?: string;
  height: number;
  /** The same in words. */
  label: string;
};

const day = 86_400_000;
/** A picture of more bars than this would be one of lines. */
const most = 800;

/** A bar a day. Days without anything are there, and empty. */
export function DayBars({ name, days, from = days[0]?.at, to = days.at(-1)?.at, height, label }: DayBarsProps) {
  const known = new Map(days.map(({ at, count }) => [at, count]));
  const data: Record<string, string | number>[] = [];
  const end = Date.parse(`${to}T12:00:00Z`);
  for (let at = Date.parse(`${from}T12:00:00Z`); at <= end && data.length < most; at += day) {
    const named = new Date(at).toISOString().slice(0, 10);
    data.push({ day: named, [name]: known.get(named) ?? 0 });
  }
  const rows = days.map(({ at, count }) => [formatDay(`${at}T12:00:00`), formatNumber(count)]).reverse();
  return (
    <>
      <Box role="img" aria-label={label}>
        <BarChart
          h={height}
          data={data}
          dataKey="day"
          series={[{ name, color: "var(--mantine-primary-color-filled)" }]}
          valueFormatter={formatNumber}
          tickLine="none"
          gridAxis="x"
          barProps={{ isAnimationActive: false }}
          // Without room above it, the topmost number is drawn below its line, and pushes the next one out.
          barChartProps={{ accessibilityLayer: false, margin: { top: 8 } }}
          yAxisProps={{ width: 40, allowDecimals: false }}
          xAxisProps={{ minTickGap: 32, tickFormatter: (at) => formatShortDay(`${at}T12:00:00`) }}
          tooltipProps={{ labelFormatter: (at) => (at ? formatDay(`${at}T12:00:00`) : "") }}
        />
      </Box>
      <TableBehind label={`Days with ${name}`} head={["Day", name]} rows={rows} />
    </>
  );
}
