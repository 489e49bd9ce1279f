// All deliveries that the filters show go through once more; how many that are is said first.
import { Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Replayed as ReplayedSchema } from "../../../contract/replay.ts";
import { send } from "../../api/call.ts";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { useAction } from "../../parts/use-action.ts";
import type { Filters } from "../../parts/use-filters.ts";

type Replayed = Static<typeof ReplayedSchema>;

export function ReplayMatching({
  isOpen,
  onClose,
  filters,
}: {
  isOpen: boolean;
  onClose: () => void;
  filters: Filters;
}) {
  const body = toBody(filters);
  const counted = useQuery({
    queryKey: ["replay", body],
    queryFn: () => send<Replayed>("POST", "/deliveries/replay", { ...body, dryRun: true }),
    enabled: isOpen,
    staleTime: 0,
  });
  const replay = useAction(() => send<Replayed>("POST", "/deliveries/replay", body), {
    done: ({ replayed, goesOn }) =>
      goesOn ? "They go through once more, in the background." : `${formatNumber(replayed)} go through once more.`,
    onDone: onClose,
  });
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={<Text fw={650}>Replay all that match</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        {counted.error ? (
          <Failed error={counted.error} title="They could not be counted" again={() => void counted.refetch()} />
        ) : counted.data ? (
          <>
            <Text size="sm">
              <b className="number">
                {counted.data.isMore && "more than "}
                {formatNumber(counted.data.replayed)}
              </b>{" "}
              of {formatNumber(counted.data.matched)} deliveries that fit the filters go through once more, as if they
              had just arrived. What is recorded already is not recorded twice.
            </Text>
            {counted.data.leftOut[0] && (
              <Text size="sm" c="dimmed">
                The others cannot: {counted.data.leftOut[0].why}
              </Text>
            )}
          </>
        ) : (
          <Group gap="xs" role="status">
            <Loader size="xs" aria-hidden />
            <Text size="sm">Counting…</Text>
          </Group>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!counted.data?.replayed} loading={replay.isPending} onClick={() => replay.mutate()}>
            Replay {counted.data && !counted.data.isMore ? formatNumber(counted.data.replayed) : "them"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function toBody({ connection, from: _, ...filters }: Filters): Record<string, unknown> {
  const body = { ...filters, ...(connection !== undefined && { connectionId: connection }) };
  return Object.keys(body).length === 0 ? { all: true } : body;
}
