import { Text } from "@mantine/core";
import { DayBars } from "../../parts/day-bars.tsx";
import type { Results } from "./poll-page.tsx";

/** Answers a day. */
export function PollChart({ buckets }: { buckets: Results["buckets"] }) {
  if (buckets.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nobody answered in this time.
      </Text>
    );
  return (
    <DayBars
      name="answers"
      days={buckets.map(({ at, answers }) => ({ at, count: answers }))}
      height={180}
      label={buckets.map(({ at, answers }) => `${at}: ${answers}`).join(", ")}
    />
  );
}
