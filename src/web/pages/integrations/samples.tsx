// One click sends a sample of each kind to the connection's own address, and shows what becomes of it, step by step.
import { Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconSend, IconTrash } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Static } from "typebox";
import type { DeliveryDetail } from "../../../contract/api.ts";
import type { RemovedSamples, SentSamples } from "../../../contract/connections.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";

type Sent = Static<typeof SentSamples>;
type Detail = Static<typeof DeliveryDetail>;

export function Samples({ connection: { id } }: { connection: Connection }) {
  const [sent, setSent] = useState<Sent>();
  const sample = useAction(() => send<Sent>("POST", `/connections/${id}/samples`), { onDone: setSent });
  const remove = useAction(() => send<Static<typeof RemovedSamples>>("DELETE", `/connections/${id}/samples`), {
    done: ({ removed }) => (removed === 0 ? "There was nothing to take out." : "What the samples made is gone."),
    onDone: () => setSent(undefined),
  });
  return (
    <div>
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconSend size={14} aria-hidden />}
          loading={sample.isPending}
          onClick={() => sample.mutate()}
        >
          Send a sample
        </Button>
        <Text size="sm" c="dimmed">
          of each kind, over HTTP to this address, as Pendo would.
        </Text>
      </Group>
      {sent && (
        <Stack gap="xs" mt="sm">
          <Way sent={sent} />
          <Group gap="xs">
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={13} aria-hidden />}
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              Take out what they made
            </Button>
            <Text size="xs" c="dimmed">
              They are about the visitor <span className="mono">{sent.visitorId}</span> and the account{" "}
              <span className="mono">{sent.accountId}</span>.
            </Text>
          </Group>
        </Stack>
      )}
    </div>
  );
}

function Way({ sent }: { sent: Sent }) {
  const details = useQueries({
    queries: sent.items.map(({ deliveryId }) => ({
      queryKey: ["delivery", deliveryId],
      queryFn: () => get<Detail>(`/deliveries/${deliveryId}`),
      enabled: deliveryId !== null,
      refetchInterval: ({ state }: { state: { data?: Detail } }) =>
        state.data && state.data.state !== "waiting" ? false : 400,
    })),
  });
  return (
    <Table verticalSpacing={4} aria-label="What became of the samples" role="status">
      <Table.Tbody>
        {sent.items.map(({ kind, label, deliveryId, message }, place) => {
          const detail = details[place]?.data;
          const last = detail?.steps.at(-1);
          return (
            <Table.Tr key={kind}>
              <Table.Td fw={500}>{label}</Table.Td>
              <Table.Td w={120}>
                {deliveryId === null ? (
                  <StateBadge state="refused" />
                ) : (
                  <StateBadge state={detail?.state ?? "waiting"} />
                )}
              </Table.Td>
              <Table.Td>
                <Text size="sm">{message ?? detail?.message ?? last?.result ?? "on its way"}</Text>
              </Table.Td>
              <Table.Td ta="right">
                {deliveryId !== null && (
                  <Anchor component={Link} to={`/deliveries/${deliveryId}`} size="sm">
                    Its way
                  </Anchor>
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
