// What changed since yesterday. Without deliveries: the steps to the first event.
import { Anchor, Button, Group, List, Paper, SimpleGrid, Skeleton, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconArrowDownRight, IconArrowUpRight, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { Ledger as LedgerSchema, ParkedList } from "../../../contract/api.ts";
import type { Movers as MoversSchema } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import { connectionsQuery } from "../../api/connections.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failed } from "../../parts/failed.tsx";
import { toRange } from "../../parts/filter-bar.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { Section } from "../../parts/section.tsx";
import type { ListPage } from "../../parts/use-list.ts";
import { NpsCard, type NpsResponse } from "../nps/nps-card.tsx";

export function HomePage() {
  const { workspace } = useMe();
  const connections = useQuery(connectionsQuery);
  useLiveQueries(["deliveries", "connections"], [["connections"], ["home"]]);
  const isEmpty = connections.data?.items.every(({ lastDeliveryAt }) => lastDeliveryAt === null) ?? false;
  return (
    <Page title="Home" lead={workspace?.name}>
      {connections.error && !connections.data ? (
        <Failed error={connections.error} again={() => void connections.refetch()} />
      ) : !connections.data ? (
        <Skeleton height={200} />
      ) : isEmpty ? (
        <FirstSteps connection={connections.data.items[0]?.id} />
      ) : (
        <SinceYesterday />
      )}
    </Page>
  );
}

function FirstSteps({ connection }: { connection: string | undefined }) {
  const to = connection === undefined ? "/settings/integrations" : `/settings/integrations/${connection}`;
  return (
    <Paper withBorder p="xl" maw={640}>
      <Text fw={650} size="lg" mb="sm">
        Three steps to the first event
      </Text>
      <List type="ordered" spacing="sm">
        <List.Item>
          Open the{" "}
          <Anchor component={Link} to={to} inherit underline="always">
            connection
          </Anchor>{" "}
          and copy its webhook address.
        </List.Item>
        <List.Item>In Pendo, add a webhook of the type URL with this address, and tick the events you want.</List.Item>
        <List.Item>Use your product: the first event appears under Deliveries the moment it comes.</List.Item>
      </List>
      <Group mt="lg">
        <Button component={Link} to={to}>
          Connect Pendo
        </Button>
        <Text size="sm" c="dimmed">
          To see how it looks when it is full: <code>npm run demo</code>.
        </Text>
      </Group>
    </Paper>
  );
}

function SinceYesterday() {
  return (
    <Stack gap="lg">
      <Deliveries />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Detractors />
        <Movers />
      </SimpleGrid>
    </Stack>
  );
}

function Deliveries() {
  const { since } = toRange("1");
  const ledger = useQuery({
    queryKey: ["home", "ledger", since],
    queryFn: () => get<Static<typeof LedgerSchema>>("/ledger", { since }),
  });
  const parked = useQuery({ queryKey: ["home", "parked"], queryFn: () => get<Static<typeof ParkedList>>("/parked") });
  if (ledger.error && !ledger.data) return <Failed error={ledger.error} again={() => void ledger.refetch()} />;
  if (!ledger.data) return <Skeleton height={96} />;
  const { received, recorded, failed, refused, difference } = ledger.data;
  const waiting = parked.data?.items.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const figures = [
    { name: "received in 24 hours", value: received, search: { days: "1" } },
    { name: "recorded", value: recorded, search: { days: "1", state: "recorded" } },
    ...(waiting > 0 ? [{ name: "parked", value: waiting, search: { state: "parked" }, isProblem: true }] : []),
    ...(failed > 0 ? [{ name: "failed", value: failed, search: { days: "1", state: "failed" }, isProblem: true }] : []),
    ...(refused > 0
      ? [{ name: "refused", value: refused, search: { days: "1", state: "refused" }, isProblem: true }]
      : []),
    ...(difference !== 0 ? [{ name: "not accounted for", value: difference, search: {}, isProblem: true }] : []),
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: figures.length }} spacing="sm">
      {figures.map(({ name, value, search, isProblem = false }) => (
        <Paper
          key={name}
          withBorder
          p="md"
          component={Link}
          to="/deliveries"
          search={search as never}
          className="card-link row-link"
        >
          <Group gap={8} wrap="nowrap">
            {isProblem ? (
              <IconAlertTriangle size={18} color="var(--mantine-color-yellow-light-color)" aria-hidden />
            ) : (
              <IconCircleCheck size={18} color="var(--mantine-color-green-light-color)" aria-hidden />
            )}
            <Text size="xl" fw={650} className="number">
              {formatNumber(value)}
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function Detractors() {
  const { since } = toRange("7");
  const filter = { band: "detractor", since, limit: 5 };
  const list = useQuery({
    queryKey: ["home", "detractors", since],
    queryFn: () => get<ListPage<NpsResponse>>("/nps-responses", filter),
  });
  return (
    <Section
      title="New detractors"
      lead="Of the last seven days"
      actions={
        <Anchor component={Link} to="/nps" search={{ days: "7", band: "detractor" } as never} size="sm">
          All
        </Anchor>
      }
    >
      {list.error && <Failed error={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={160} />}
      {list.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          None: nobody gave 6 or less.
        </Text>
      )}
      <Stack gap="sm">
        {list.data?.items.map((response) => (
          <NpsCard key={response.id} response={response} />
        ))}
      </Stack>
    </Section>
  );
}

type MoversAnswer = Static<typeof MoversSchema>;

function Movers() {
  const movers = useQuery({
    queryKey: ["home", "movers"],
    queryFn: () => get<MoversAnswer>("/movers"),
    staleTime: 60_000,
  });
  if (movers.error && !movers.data) return <Failed error={movers.error} again={() => void movers.refetch()} />;
  if (!movers.data) return <Skeleton height={240} />;
  return (
    <Stack gap="lg">
      <Section
        title="Fell silent"
        lead="Active before, and nothing for two weeks"
        flush={movers.data.silent.length > 0}
      >
        {movers.data.silent.length === 0 ? (
          <Text size="sm" c="dimmed">
            No account.
          </Text>
        ) : (
          <Table verticalSpacing={5} horizontalSpacing="md" aria-label="Accounts that fell silent">
            <Table.Tbody>
              {movers.data.silent.map(({ account, lastSeenAt }) => (
                <Table.Tr key={account.id}>
                  <Table.Td>
                    <RecordLink level="account" record={account} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Text size="sm" c="dimmed">
                      last seen <Ago at={lastSeenAt} />
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Section>
      <Section
        title="Biggest movers"
        lead="Events of the last seven days, and of the week before"
        flush={movers.data.movers.length > 0}
      >
        {movers.data.movers.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing has changed.
          </Text>
        ) : (
          <Table verticalSpacing={5} horizontalSpacing="md" aria-label="Biggest movers">
            <Table.Tbody>
              {movers.data.movers.map(({ account, thisWeek, weekBefore }) => {
                const isUp = thisWeek > weekBefore;
                const Arrow = isUp ? IconArrowUpRight : IconArrowDownRight;
                return (
                  <Table.Tr key={account.id}>
                    <Table.Td>
                      <RecordLink level="account" record={account} />
                    </Table.Td>
                    <Table.Td ta="right" className="number">
                      <Group gap={6} justify="flex-end" wrap="nowrap">
                        <Arrow
                          size={16}
                          aria-label={isUp ? "up" : "down"}
                          color={`var(--mantine-color-${isUp ? "green" : "red"}-light-color)`}
                        />
                        {formatNumber(weekBefore)} → {formatNumber(thisWeek)}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        )}
      </Section>
    </Stack>
  );
}
