import { IconDoorOff } from "@tabler/icons-react";
import { Empty } from "../parts/empty.tsx";

export function NoWorkspace() {
  return (
    <Empty icon={IconDoorOff} title="You belong to no workspace any more">
      Ask an administrator for an invitation. Its link brings you straight here.
    </Empty>
  );
}
