// History and repair: the last day hour by hour, what is parked and why, and the way to the log.
import { Alert, Anchor, Button, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Static } from "typebox";
import type { Ledger as LedgerSchema, ParkedList } from "../../../contract/api.ts";
import type { Replayed } from "../../../contract/replay.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";

export type Ledger = Static<typeof LedgerSchema>;

const LedgerChart = lazy(() => import("./ledger-chart.tsx").then(({ LedgerChart: it }) => ({ default: it })));

export function RepairSection({ connection }: { connection: Connection }) {
  return (
    <Section
      title={connection.kind === "pendo" ? "5. History and repair" : "History and repair"}
      lead="The last 24 hours. Received is always the sum of what became of it."
      actions={
        <Anchor component={Link} to="/deliveries" search={{ connection: connection.id } as never} size="sm">
          All deliveries
        </Anchor>
      }
    >
      <Stack>
        <Day id={connection.id} />
        <Parked id={connection.id} />
      </Stack>
    </Section>
  );
}

function Day({ id }: { id: string }) {
  const hour = 3_600_000;
  const since = new Date(Math.floor(Date.now() / hour) * hour - 23 * hour).toISOString();
  const ledger = useQuery({
    queryKey: ["ledger", id, since],
    queryFn: () => get<Ledger>("/ledger", { connection: id, since }),
    refetchInterval: 30_000,
  });
  if (ledger.error && !ledger.data) return <Failed error={ledger.error} again={() => void ledger.refetch()} />;
  if (!ledger.data) return <Skeleton height={220} />;
  const { received, difference } = ledger.data;
  return (
    <div>
      <Group gap="xl" mb="sm">
        <div>
          <Text size="xl" fw={650} className="number">
            {formatNumber(received)}
          </Text>
          <Text size="sm" c="dimmed">
            received
          </Text>
        </div>
        {difference === 0 ? (
          <Group gap={6}>
            <IconCircleCheck size={18} color="var(--mantine-color-green-light-color)" aria-hidden />
            <Text size="sm">Everything is accounted for.</Text>
          </Group>
        ) : (
          <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} p="xs">
            {formatNumber(difference)} are not accounted for: something was lost. Keep the log, and report it.
          </Alert>
        )}
      </Group>
      <Suspense fallback={<Skeleton height={200} />}>
        <LedgerChart ledger={ledger.data} since={since} />
      </Suspense>
    </div>
  );
}

type Parked = Static<typeof ParkedList>["items"][number];

function Parked({ id }: { id: string }) {
  const { may } = useMe();
  const parked = useQuery({
    queryKey: ["parked", id],
    queryFn: () => get<Static<typeof ParkedList>>("/parked", { connection: id }),
    refetchInterval: 15_000,
  });
  const retry = useAction(
    (reason: string) => send<Static<typeof Replayed>>("POST", "/parked/retry", { reason, connectionId: id }),
    {
      done: ({ replayed, goesOn }) =>
        goesOn ? "They go through once more, in the background." : `${formatNumber(replayed)} go through once more.`,
    },
  );
  if (parked.error && !parked.data) return <Failed error={parked.error} again={() => void parked.refetch()} />;
  if (!parked.data) return <Skeleton height={40} />;
  if (parked.data.items.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing is parked.
      </Text>
    );
  return (
    <Table verticalSpacing={6} aria-label="Parked deliveries">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Parked because</Table.Th>
          <Table.Th ta="right">How many</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {parked.data.items.map((one) => (
          <Row
            key={one.reason}
            parked={one}
            id={id}
            isBusy={retry.isPending}
            {...(may("write") && { onRetry: () => retry.mutate(one.reason) })}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ parked, id, isBusy, onRetry }: { parked: Parked; id: string; isBusy: boolean; onRetry?: () => void }) {
  const { reason, message, count, oldestAt, nextTryAt } = parked;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">{message}</Text>
        <Text size="xs" c="dimmed">
          the oldest <Ago at={oldestAt} />
          {nextTryAt && (
            <>
              {" · "}tried again by itself <Ago at={nextTryAt} />
            </>
          )}
        </Text>
      </Table.Td>
      <Table.Td ta="right" className="number">
        <Anchor
          component={Link}
          to="/deliveries"
          search={{ connection: id, state: "parked", reason } as never}
          size="sm"
        >
          {formatNumber(count)}
        </Anchor>
      </Table.Td>
      <Table.Td ta="right" w={110}>
        {onRetry && (
          <Button size="compact-xs" variant="default" loading={isBusy} onClick={onRetry}>
            Try again
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
