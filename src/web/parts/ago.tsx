import { Text, Tooltip } from "@mantine/core";
import { useEffect, useReducer } from "react";
import { formatAgo, formatTime } from "./format.ts";

/** How long ago, or how soon; the exact time in the viewer's zone on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const [, turn] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(turn, 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!at)
    return (
      <Text span inherit c="dimmed">
        –
      </Text>
    );
  return (
    <Tooltip label={formatTime(at)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {formatAgo(at)}
      </time>
    </Tooltip>
  );
}
