import { Button, Group, Progress, Text } from "@mantine/core";
import { useMe } from "../api/use-me.ts";
import { formatNumber } from "./format.ts";

type JobProgressProps = {
  /** What is done, or which step of it. Null: it has not begun. */
  what: string | null;
  done: number;
  total: number | null;
  /** What it waits for. */
  message?: string | null;
  /** Undefined: it cannot be stopped. Shown to those only who may. */
  onCancel?: (() => void) | undefined;
  isCancelling?: boolean;
};

/** How far long work is, in a bar and in numbers, and a way to stop it. */
export function JobProgress({ what, done, total, message, onCancel, isCancelling = false }: JobProgressProps) {
  const { may } = useMe();
  const named = what ?? "waiting for its turn";
  return (
    <div role="status">
      <Progress animated value={total ? Math.min(100, (100 * done) / total) : 100} aria-label={named} />
      <Group justify="space-between" mt={4} gap="xs">
        <Text size="sm" c="dimmed" className="number">
          {named}: {formatNumber(done)}
          {total ? ` of ${formatNumber(total)}` : ""}
          {message && ` – ${message}`}
        </Text>
        {onCancel && may("write") && (
          <Button size="compact-xs" variant="default" loading={isCancelling} onClick={onCancel}>
            Cancel
          </Button>
        )}
      </Group>
    </div>
  );
}
