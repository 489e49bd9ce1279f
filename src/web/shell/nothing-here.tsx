import { Button } from "@mantine/core";
import { IconMapPinOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Empty } from "../parts/empty.tsx";

export function NothingHere() {
  return (
    <Empty
      icon={IconMapPinOff}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/home" variant="default">
          To the start
        </Button>
      }
    >
      It may belong to another workspace, or be gone.
    </Empty>
  );
}
