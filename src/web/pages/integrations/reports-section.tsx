// Reports of Pendo that become traits: what is synced, when it ran and runs next, and a new one.
import { ActionIcon, Anchor, Button, Group, Menu, Progress, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconPlus, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { ReportList, Report as ReportSchema } from "../../../contract/reports.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Loading } from "../../parts/loading.tsx";
import { Section } from "../../parts/section.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";
import { AddReport } from "./add-report.tsx";

export type Report = Static<typeof ReportSchema>;

export function ReportsSection({ connection }: { connection: Connection }) {
  const { may } = useMe();
  const [isAdding, { open, close }] = useDisclosure(false);
  const reports = useQuery({
    queryKey: ["reports", connection.id],
    queryFn: () => get<Static<typeof ReportList>>("/reports", { connection: connection.id }),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ lastRun }) => lastRun?.state === "running") ? 1_000 : 20_000,
  });
  const hasKey = connection.integrationKey !== null;
  return (
    <Section
      title="4. Reports"
      lead="Columns of Pendo's visitor and account reports become traits, every twelve hours unless you choose otherwise."
      flush={(reports.data?.items.length ?? 0) > 0}
      actions={
        may("write") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={!hasKey}
            onClick={open}
          >
            Add a report
          </Button>
        )
      }
    >
      {reports.error && !reports.data ? (
        <Failed error={reports.error} again={() => void reports.refetch()} />
      ) : !reports.data ? (
        <Loading lines={3} />
      ) : reports.data.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {hasKey ? "None is synced yet." : "Reports need the integration key of section 2."}
        </Text>
      ) : (
        <Reports reports={reports.data.items} />
      )}
      {isAdding && <AddReport connection={connection} onClose={close} />}
    </Section>
  );
}

function Reports({ reports }: { reports: readonly Report[] }) {
  return (
    <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
      <Table verticalSpacing={6} horizontalSpacing="md" aria-label="Synced reports">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Report</Table.Th>
            <Table.Th>Last run</Table.Th>
            <Table.Th ta="right">Rows</Table.Th>
            <Table.Th ta="right">Changed</Table.Th>
            <Table.Th ta="right">Problems</Table.Th>
            <Table.Th>Next</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reports.map((report) => (
            <Row key={report.id} report={report} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ report }: { report: Report }) {
  const { id, name, level, lastRun, nextAt, isOn } = report;
  const problems = (lastRun?.unmatched ?? 0) + (lastRun?.typeErrors ?? 0);
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/settings/reports/${id}`} size="sm" fw={550}>
          {name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {level} · {report.columns.length} traits
        </Text>
      </Table.Td>
      <Table.Td>
        {lastRun ? (
          <>
            <StateBadge state={lastRun.state} />
            {lastRun.state === "running" ? (
              <Progress
                mt={4}
                size="sm"
                w={120}
                animated
                value={lastRun.total ? (100 * lastRun.done) / lastRun.total : 100}
                aria-label={`${name}: ${lastRun.step}`}
              />
            ) : (
              <Text size="xs" c="dimmed">
                <Ago at={lastRun.finishedAt} />
              </Text>
            )}
          </>
        ) : (
          <Text size="sm" c="dimmed">
            not yet
          </Text>
        )}
      </Table.Td>
      <Count value={lastRun?.rowsRead} />
      <Count value={lastRun?.changed} />
      <Count value={lastRun ? problems : null} />
      <Table.Td>
        <Text size="sm">{isOn ? <Ago at={nextAt} /> : "paused"}</Text>
      </Table.Td>
      <Table.Td ta="right">
        <ReportMenu report={report} />
      </Table.Td>
    </Table.Tr>
  );
}

function Count({ value }: { value: number | null | undefined }) {
  return (
    <Table.Td ta="right" className="number">
      {value === null || value === undefined ? "–" : formatNumber(value)}
    </Table.Td>
  );
}

export function ReportMenu({ report: { id, name, isOn } }: { report: Report }) {
  const { may } = useMe();
  const changes = [["reports"], ["report"], ["report-runs"]];
  const sync = useAction(() => send("POST", `/reports/${id}/sync`), { changes, done: `${name} is being synced.` });
  const pause = useAction(() => send<Report>("PATCH", `/reports/${id}`, { isOn: !isOn }), {
    changes,
    done: (saved) => (saved.isOn ? `${name} is synced again.` : `${name} is paused: its traits stay as they are.`),
  });
  const remove = useAction((clear: boolean) => send("DELETE", `/reports/${id}?clear=${clear}`), {
    changes,
    done: `${name} is synced no more.`,
  });
  if (!may("write")) return null;
  const ask = (clear: boolean) =>
    confirm({
      title: `Stop syncing ${name}?`,
      says: clear
        ? "The traits that it has given are taken away from all records. Their history stays."
        : "The traits that it has given stay as they are.",
      action: clear ? "Remove with its traits" : "Remove",
      ...(clear && { name }),
      onYes: () => remove.mutate(clear),
    });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconRefresh size={13} aria-hidden />}
        loading={sync.isPending}
        onClick={() => sync.mutate()}
      >
        Sync now
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => pause.mutate()}>{isOn ? "Pause" : "Go on"}</Menu.Item>
          <Menu.Item color="red" onClick={() => ask(false)}>
            Remove, keep the traits
          </Menu.Item>
          <Menu.Item color="red" onClick={() => ask(true)}>
            Remove with its traits
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
