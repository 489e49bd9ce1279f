import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Box, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Activity as ActivitySchema } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import type { Level } from "../../api/records.ts";
import { Failed } from "../../parts/failed.tsx";
import { formatDay, formatNumber, zone } from "../../parts/format.ts";
import { nameKind } from "../../parts/kinds.ts";

type Activity = Static<typeof ActivitySchema>;

const length = 90;

/** A bar a day. Days without events are there, and empty. */
export function ActivityChart({ level, id }: { level: Level; id: string }) {
  const activity = useQuery({
    queryKey: ["activity", level, id],
    queryFn: () => get<Activity>("/activity", { [level]: id, days: length, zone }),
  });
  if (activity.error && !activity.data) return <Failed error={activity.error} again={() => void activity.refetch()} />;
  if (!activity.data) return <Skeleton height={190} />;
  const { from, days, kinds } = activity.data;
  const total = days.reduce((sum, { events }) => sum + events, 0);
  if (total === 0)
    return (
      <Text size="sm" c="dimmed">
        No events in the last {length} days.
      </Text>
    );
  const byDay = new Map(days.map(({ at, events }) => [at, events]));
  const begin = Date.parse(`${from}T12:00:00Z`);
  const data = [...Array(length).keys()].map((place) => {
    const at = new Date(begin + place * 86_400_000).toISOString().slice(0, 10);
    return { day: formatDay(`${at}T12:00:00`), events: byDay.get(at) ?? 0 };
  });
  return (
    <div>
      <Group gap="lg" mb="xs">
        <Text size="xl" fw={650} className="number">
          {formatNumber(total)}
        </Text>
        <Text size="sm" c="dimmed">
          {kinds
            .slice(0, 3)
            .map(({ kind, events }) => `${nameKind(kind)} ${formatNumber(events)}`)
            .join(" · ")}
        </Text>
      </Group>
      <Box role="img" aria-label={`${formatNumber(total)} events on ${days.length} of ${length} days`}>
        <BarChart
          h={150}
          data={data}
          dataKey="day"
          series={[{ name: "events", color: "var(--mantine-primary-color-filled)" }]}
          valueFormatter={formatNumber}
          tickLine="none"
          gridAxis="x"
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false }}
          yAxisProps={{ width: 40, allowDecimals: false }}
          xAxisProps={{ minTickGap: 40 }}
        />
      </Box>
    </div>
  );
}
