// States of deliveries, runs and jobs: a colour, and always a sign and the word with it.
import { Badge, type MantineColor } from "@mantine/core";
import {
  type Icon,
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconClock,
  IconCopy,
  IconFilter,
  IconHandStop,
  IconLoader2,
  IconParking,
  IconPlayerPause,
  IconX,
} from "@tabler/icons-react";

const looks: Record<string, { color: MantineColor; icon: Icon }> = {
  waiting: { color: "gray", icon: IconClock },
  recorded: { color: "green", icon: IconCheck },
  duplicate: { color: "gray", icon: IconCopy },
  filtered: { color: "gray", icon: IconFilter },
  held: { color: "yellow", icon: IconPlayerPause },
  parked: { color: "yellow", icon: IconParking },
  failed: { color: "red", icon: IconX },
  refused: { color: "red", icon: IconBan },
  running: { color: "blue", icon: IconLoader2 },
  done: { color: "green", icon: IconCheck },
  stopped: { color: "yellow", icon: IconHandStop },
  cancelled: { color: "gray", icon: IconBan },
  valid: { color: "green", icon: IconCheck },
  expired: { color: "gray", icon: IconClock },
  revoked: { color: "gray", icon: IconBan },
  on: { color: "green", icon: IconCheck },
  off: { color: "gray", icon: IconPlayerPause },
  receiving: { color: "green", icon: IconCheck },
  quiet: { color: "yellow", icon: IconAlertTriangle },
};

export function StateBadge({ state, size = "sm" }: { state: string; size?: "sm" | "md" }) {
  const { color, icon: Sign } = looks[state] ?? { color: "gray", icon: IconClock };
  return (
    <Badge
      color={color}
      variant="light"
      size={size}
      radius="sm"
      tt="none"
      fw={550}
      leftSection={<Sign size={12} aria-hidden />}
      flex="none"
      className={`state-${color}`}
    >
      {state}
    </Badge>
  );
}
