// Short words after an action, in the corner: what was done, or why not.
import { notifications } from "@mantine/notifications";

const closeButtonProps = { "aria-label": "Close" };

export function tellDone(message: string): void {
  notifications.show({ message, color: "teal", autoClose: 4_000, closeButtonProps });
}

export function tellFailed(error: unknown, title = "That did not work"): void {
  notifications.show({
    title,
    message: error instanceof Error ? error.message : String(error),
    color: "red",
    autoClose: 10_000,
    closeButtonProps,
  });
}
