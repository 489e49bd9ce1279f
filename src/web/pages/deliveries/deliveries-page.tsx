import { Button, Group, Paper, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconInbox, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { Delivery as DeliverySchema } from "../../../contract/api.ts";
import { connectionsQuery } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { ChoiceFilter, FilterBar, GivenFilters, RangeFilter, TextFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatSize } from "../../parts/format.ts";
import { namedKinds, nameKind } from "../../parts/kinds.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { Page } from "../../parts/page.tsx";
import { namedReasons } from "../../parts/reasons.ts";
import { StateBadge } from "../../parts/state-badge.tsx";
import { type Filters, useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import { DeliveryPanel } from "./delivery-panel.tsx";
import { ReplayMatching } from "./replay-matching.tsx";
import { Replays } from "./replays.tsx";

export type Delivery = Static<typeof DeliverySchema>;

const given = { user: "Visitor", account: "Account", since: "Since", until: "Until" };

const states = ["waiting", "recorded", "duplicate", "filtered", "held", "parked", "failed", "refused"];

export function DeliveriesPage() {
  const [filters] = useFilters();
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const { may } = useMe();
  const [isReplaying, { open, close }] = useDisclosure(false);
  const query = toQuery(filters);
  const connections = useQuery(connectionsQuery);
  const several = (connections.data?.items ?? []).map(({ id: value, name: label }) => ({ value, label }));
  const list = useList<Delivery>("/deliveries", query, { topics: ["deliveries"] });
  const isFiltered = Object.keys(query).some((name) => name !== "from" && query[name] !== undefined);
  const show = (to: string | undefined) =>
    void navigate({
      to: to === undefined ? "/deliveries" : `/deliveries/${to}`,
      search: filters as never,
      resetScroll: false,
    });
  return (
    <Page
      title="Deliveries"
      lead="Every request that came to a connection's address, kept as it came, and what became of it."
      actions={
        <>
          {may("write") && (
            <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={open}>
              Replay all that match
            </Button>
          )}
          <ExportButton path="/deliveries.csv" filters={{ ...query, from: undefined }} />
        </>
      }
    >
      <FilterBar names={["q", "state", "kind", "reason", "days", "since", "until", "connection", "user", "account"]}>
        <TextFilter name="q" label="Visitor, account or delivery id" />
        <ChoiceFilter name="state" label="Any state" choices={states} />
        <ChoiceFilter
          name="kind"
          label="Any kind"
          choices={namedKinds.map((value) => ({ value, label: nameKind(value) }))}
        />
        {several.length > 1 && <ChoiceFilter name="connection" label="Any connection" choices={several} />}
        <ChoiceFilter name="reason" label="Any reason" choices={namedReasons} />
        <RangeFilter />
        <GivenFilters names={given} />
      </FilterBar>
      <Replays />
      <NewRows of={list} />
      <Paper withBorder>
        <DataTable
          label="Deliveries"
          columns={columns}
          of={list}
          keyOf={(row) => row.id}
          onOpen={(row) => show(row.id)}
          isOpen={(row) => row.id === id}
          empty={
            isFiltered ? (
              <Empty icon={IconInbox} title="No delivery fits these filters">
                Take one of them out, or choose a longer time.
              </Empty>
            ) : (
              <Empty icon={IconInbox} title="Nothing has arrived yet">
                Every webhook of Pendo appears here the moment it comes. Connect Pendo under Settings, or send a sample
                from there.
              </Empty>
            )
          }
        />
        <ListFoot next={list.next} />
      </Paper>
      <DeliveryPanel id={id} onClose={() => show(undefined)} />
      <ReplayMatching isOpen={isReplaying} onClose={close} filters={query} />
    </Page>
  );
}

function toQuery({ days, ...filters }: Filters): Filters {
  return { ...filters, ...toRange(days) };
}

const columns: Column<Delivery>[] = [
  { key: "state", title: "State", width: 120, cell: ({ state }) => <StateBadge state={state} /> },
  {
    key: "kind",
    title: "Kind",
    cell: ({ kind, endpoint, message }) => (
      <>
        <Text size="sm">{kind === null && endpoint ? endpoint : nameKind(kind)}</Text>
        {message && (
          <Text size="xs" c="dimmed" lineClamp={1} title={message}>
            {message}
          </Text>
        )}
      </>
    ),
  },
  { key: "account", title: "Account", wide: true, cell: ({ pendo }) => <PendoId id={pendo.accountId} /> },
  { key: "visitor", title: "Visitor", wide: true, cell: ({ pendo }) => <PendoId id={pendo.visitorId} /> },
  {
    key: "made",
    title: "Made",
    wide: true,
    cell: ({ made }) => (
      <Text size="xs" c="dimmed" truncate maw={170}>
        {made.length === 0 ? "–" : summarize(made)}
      </Text>
    ),
  },
  {
    key: "receivedAt",
    title: "Received",
    width: 130,
    align: "right",
    cell: ({ receivedAt }) => (
      <Group gap={0} justify="flex-end">
        <Text size="sm" component="span">
          <Ago at={receivedAt} />
        </Text>
      </Group>
    ),
  },
  { key: "size", title: "Size", width: 90, align: "right", wide: true, cell: ({ size }) => formatSize(size) },
];

function PendoId({ id }: { id: string | null }) {
  return (
    <Text size="xs" className="mono" truncate maw={200} title={id ?? undefined} c={id === null ? "dimmed" : undefined}>
      {id ?? "–"}
    </Text>
  );
}

/** "event, 3 poll responses". */
function summarize(made: Delivery["made"]): string {
  const counts = new Map<string, number>();
  for (const { type } of made) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => nameMade(type, count)).join(", ");
}

function nameMade(type: string, count: number): string {
  const name = type === "nps-response" ? "NPS response" : type.replace("-", " ");
  return count === 1 ? name : `${count} ${name}s`;
}
