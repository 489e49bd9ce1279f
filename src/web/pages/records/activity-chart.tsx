import { Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Activity as ActivitySchema } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import type { Level } from "../../api/records.ts";
import { DayBars } from "../../parts/day-bars.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber, zone } from "../../parts/format.ts";
import { nameKind } from "../../parts/kinds.ts";

type Activity = Static<typeof ActivitySchema>;

const length = 90;

/** Events a day, and of which kinds most of them are. */
export function ActivityChart({ level, id, height }: { level: Level; id: string; height: number }) {
  const activity = useQuery({
    queryKey: ["activity", level, id],
    queryFn: () => get<Activity>("/activity", { [level]: id, days: length, zone }),
  });
  if (activity.error && !activity.data) return <Failed error={activity.error} again={() => void activity.refetch()} />;
  if (!activity.data) return <Skeleton height={height} />;
  const { from, days, kinds } = activity.data;
  const total = days.reduce((sum, { events }) => sum + events, 0);
  if (total === 0)
    return (
      <Text size="sm" c="dimmed">
        No events in the last {length} days.
      </Text>
    );
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
      <DayBars
        name="events"
        days={days.map(({ at, events }) => ({ at, count: events }))}
        from={from}
        to={addDays(from, length - 1)}
        height={150}
        label={`${formatNumber(total)} events on ${days.length} of ${length} days`}
      />
    </div>
  );
}

function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}
