import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import type { ReactNode } from "react";

type Question = { title: string; says: ReactNode; action: string; onYes: () => void; isDanger?: boolean };

/** Asks before something that changes much, and says what will happen. */
export function confirm({ title, says, action, onYes, isDanger = true }: Question): void {
  modals.openConfirmModal({
    title,
    children: (
      <Text size="sm" component="div">
        {says}
      </Text>
    ),
    labels: { confirm: action, cancel: "Cancel" },
    confirmProps: isDanger ? { color: "red" } : {},
    onConfirm: onYes,
  });
}
