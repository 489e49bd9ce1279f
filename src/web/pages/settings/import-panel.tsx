// One import beside the list: what its columns become, how far it is, what came of it.
import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { ImportDetail } from "../../../contract/imports.ts";
import { download, get, send } from "../../api/call.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { formatNumber } from "../../parts/format.ts";
import { JobProgress } from "../../parts/job-progress.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { tellFailed } from "../../parts/tell.ts";
import { useAction } from "../../parts/use-action.ts";
import { ImportColumns } from "./import-columns.tsx";

export type Detail = Static<typeof ImportDetail>;

export function ImportPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const detail = useQuery({
    queryKey: ["import", id],
    queryFn: () => get<Detail>(`/imports/${id}`),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data && ["uploading", "running"].includes(state.data.state) ? 1_000 : false),
  });
  useLiveQueries(["imports"], [["import", id]]);
  return (
    <SidePanel title="Import" isOpen={id !== undefined} onClose={onClose} of={detail}>
      {(one) => <Whole key={one.id} detail={one} />}
    </SidePanel>
  );
}

function Whole({ detail }: { detail: Detail }) {
  const { may } = useMe();
  const cancel = useAction(() => send("POST", `/imports/${detail.id}/cancel`), {
    done: "It ends after the batch it is in.",
  });
  return (
    <Stack>
      <Group justify="space-between">
        <StateBadge state={detail.state} size="md" />
        {may("write") && detail.state === "waiting" && (
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
      </Group>
      {detail.message && detail.state !== "running" && (
        <Alert color={detail.state === "failed" ? "red" : "gray"} variant="light">
          {detail.message}
        </Alert>
      )}
      {detail.state === "running" && (
        <JobProgress
          what={detail.step}
          done={detail.done}
          total={detail.total}
          message={detail.message}
          onCancel={() => cancel.mutate()}
          isCancelling={cancel.isPending}
        />
      )}
      {detail.state === "waiting" && may("write") ? <ImportColumns detail={detail} /> : <Counts detail={detail} />}
      {detail.rejections.length > 0 && <Rejections detail={detail} />}
    </Stack>
  );
}

function Counts({ detail: { counts, dryRun } }: { detail: Detail }) {
  const rows: [string, number | null][] = [
    ["Rows read", counts.read],
    [dryRun ? "Would be new" : "New", counts.created],
    [dryRun ? "Would change" : "Changed", counts.updated],
    ["As they were", counts.unchanged],
    ["Several rows about one record", counts.repeated],
    ["Rejected", counts.rejected],
    ["Values of traits", counts.traits],
    ["Organizations named and made", counts.madeOrganizations],
    ["Accounts named and made", counts.madeAccounts],
    ["Parked deliveries that go on", counts.released],
  ];
  return (
    <Table verticalSpacing={4} aria-label="What became of the rows">
      <Table.Tbody>
        {rows
          .filter(([, count]) => count !== null && count !== undefined)
          .map(([name, count]) => (
            <Table.Tr key={name}>
              <Table.Th fw={400}>{name}</Table.Th>
              <Table.Td ta="right" className="number">
                {formatNumber(count ?? 0)}
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function Rejections({ detail }: { detail: Detail }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text fw={600} size="sm">
          Rows that were not taken
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => void download(`/imports/${detail.id}/rejected.csv`).catch(tellFailed)}
        >
          All as CSV
        </Button>
      </Group>
      <Table verticalSpacing={4} aria-label="Rows that were not taken">
        <Table.Tbody>
          {detail.rejections.map(({ row, reason }) => (
            <Table.Tr key={`${row} ${reason}`}>
              <Table.Td w={70} className="number">
                {formatNumber(row)}
              </Table.Td>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
