// One synced report: what it gives, its runs, and what of the last one could not be used.
import { Alert, Anchor, Button, Stack, Table, Text } from "@mantine/core";
import { IconAlertTriangle, IconHandStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Static } from "typebox";
import type { ReportProblems, ReportRuns, ReportRun as RunSchema } from "../../../contract/reports.ts";
import { ApiError, download, get, send } from "../../api/call.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatDuration, formatNumber } from "../../parts/format.ts";
import { JobProgress } from "../../parts/job-progress.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { tellFailed } from "../../parts/tell.ts";
import { useAction } from "../../parts/use-action.ts";
import { NothingHere } from "../../shell/nothing-here.tsx";
import { ReportRhythm, sayEvery } from "./report-rhythm.tsx";
import { type Report, ReportMenu } from "./reports-section.tsx";

type Run = Static<typeof RunSchema>;

export function ReportPage() {
  const { id = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const report = useQuery({ queryKey: ["report", id], queryFn: () => get<Report>(`/reports/${id}`) });
  const runs = useQuery({
    queryKey: ["report-runs", id],
    queryFn: () => get<Static<typeof ReportRuns>>(`/reports/${id}/runs`),
    refetchInterval: ({ state }) => (state.data?.items[0]?.state === "running" ? 1_000 : 10_000),
  });
  const isGone = report.error instanceof ApiError && report.error.status === 404 && report.data !== undefined;
  useEffect(() => {
    if (isGone) void navigate({ to: `/settings/integrations/${report.data?.connectionId}` });
  }, [isGone, navigate, report.data]);
  if (report.error instanceof ApiError && report.error.status === 404) return <NothingHere />;
  if (report.error && !report.data) return <Failed error={report.error} again={() => void report.refetch()} />;
  if (!report.data) return <Loading />;
  const { name, level, everyHours, nextAt, isOn, connectionId } = report.data;
  const [last] = runs.data?.items ?? [];
  return (
    <Page
      title={name}
      above={<BackTo to={`/settings/integrations/${connectionId}`} name="The connection" />}
      lead={
        <>
          Traits of {level}s, read {sayEvery(everyHours)}.{" "}
          {isOn ? (
            <>
              Next run <Ago at={nextAt} />.
            </>
          ) : (
            "Paused."
          )}
        </>
      }
      actions={<ReportMenu report={report.data} />}
      width="form"
    >
      {last?.state === "running" && <Running run={last} />}
      {last?.state === "stopped" && <Stopped run={last} />}
      {last?.state === "failed" && <FailedRun run={last} />}
      <ReportRhythm report={report.data} />
      <Section title="Traits" flush>
        <Table verticalSpacing={5} horizontalSpacing="md" aria-label="Traits">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th>Trait</Table.Th>
              <Table.Th>Type</Table.Th>
              <Table.Th>Several rows</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.data.columns.map(({ column, trait, type, combine }) => (
              <Table.Tr key={column}>
                <Table.Td>{column}</Table.Td>
                <Table.Td className="mono">{trait}</Table.Td>
                <Table.Td>{type}</Table.Td>
                <Table.Td>{combine}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
      <Section title="Runs" flush>
        {runs.error && !runs.data ? (
          <Failed error={runs.error} again={() => void runs.refetch()} />
        ) : runs.data?.items.length === 0 ? (
          <Text size="sm" c="dimmed" px="md" pb="md">
            It has not run yet.
          </Text>
        ) : (
          <Runs runs={runs.data?.items ?? []} />
        )}
      </Section>
      {last && last.state !== "running" && (last.unmatched ?? 0) + (last.typeErrors ?? 0) > 0 && (
        <Problems run={last} />
      )}
    </Page>
  );
}

function Running({ run: { id, step, done, total, message } }: { run: Run }) {
  const cancel = useAction(() => send("POST", `/report-runs/${id}/cancel`), {
    done: "The run stops, and changes nothing.",
  });
  return (
    <JobProgress
      what={step}
      done={done}
      total={total}
      message={message}
      onCancel={() => cancel.mutate()}
      isCancelling={cancel.isPending}
    />
  );
}

function Stopped({ run }: { run: Run }) {
  const { may } = useMe();
  const go = useAction(() => send("POST", `/report-runs/${run.id}/confirm`), { done: "It runs once more, as it is." });
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconHandStop aria-hidden />}
      title="The last run was stopped before it changed anything"
    >
      <Text size="sm">{run.message}</Text>
      {may("write") && (
        <Button
          size="xs"
          mt="sm"
          loading={go.isPending}
          onClick={() =>
            confirm({
              title: "Is the report right as it is?",
              says: run.message ?? "It is taken as Pendo gives it now.",
              action: "Yes, run it",
              onYes: () => go.mutate(),
            })
          }
        >
          It is right: run it
        </Button>
      )}
    </Alert>
  );
}

function FailedRun({ run }: { run: Run }) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title="The last run failed, and changed nothing"
    >
      <Text size="sm">{run.message}</Text>
    </Alert>
  );
}

function Runs({ runs }: { runs: readonly Run[] }) {
  return (
    <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
      <Table verticalSpacing={5} horizontalSpacing="md" aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
            <Table.Th ta="right">Rows</Table.Th>
            <Table.Th ta="right">Records</Table.Th>
            <Table.Th ta="right">Changed</Table.Th>
            <Table.Th ta="right">Nobody's</Table.Th>
            <Table.Th ta="right">Type errors</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id}>
              <Table.Td>
                <Ago at={run.startedAt} />
              </Table.Td>
              <Table.Td>
                <StateBadge state={run.state} />
                {run.message && run.state !== "running" && (
                  <Text size="xs" c="dimmed" maw={260}>
                    {run.message}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right" className="number">
                {run.finishedAt
                  ? formatDuration(new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime())
                  : "–"}
              </Table.Td>
              {[run.rowsRead, run.matched, run.changed, run.unmatched, run.typeErrors].map((count, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the columns stay where they are.
                <Table.Td key={place} ta="right" className="number">
                  {count === null ? "–" : formatNumber(count)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Problems({ run }: { run: Run }) {
  const problems = useQuery({
    queryKey: ["report-problems", run.id],
    queryFn: () => get<Static<typeof ReportProblems>>(`/report-runs/${run.id}/problems`, { limit: 20 }),
  });
  return (
    <Section
      title="What the last run could not use"
      flush
      actions={
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => void download(`/report-runs/${run.id}/problems.csv`).catch(tellFailed)}
        >
          All as CSV
        </Anchor>
      }
    >
      {problems.error && <Failed error={problems.error} again={() => void problems.refetch()} />}
      <Table verticalSpacing={4} horizontalSpacing="md" aria-label="Problems">
        <Table.Tbody>
          {problems.data?.items.map(({ rowNumber, column, message, rowId, value }) => (
            <Table.Tr key={`${rowNumber} ${column}`}>
              <Table.Td className="number" w={80}>
                row {formatNumber(rowNumber)}
              </Table.Td>
              <Table.Td>
                <Stack gap={0}>
                  <Text size="sm">{message}</Text>
                  <Text size="xs" c="dimmed" className="mono">
                    {[rowId, column && `${column} = ${value}`].filter(Boolean).join(" · ")}
                  </Text>
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
