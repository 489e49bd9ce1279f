// Choosing a report of Pendo: its first rows, whose traits its columns become, and how rows of one record are combined.
import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Static } from "typebox";
import type { PendoReportList, ReportPreview } from "../../../contract/reports.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Loading } from "../../parts/loading.tsx";
import { useAction } from "../../parts/use-action.ts";
import { askToLeave } from "../../parts/use-guard.ts";
import { fates, rhythms } from "./report-rhythm.tsx";
import type { Report } from "./reports-section.tsx";

type Preview = Static<typeof ReportPreview>;
type Column = Preview["columns"][number] & { isChosen: boolean };
type Level = Report["level"];

export function AddReport({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const [pendoId, setPendoId] = useState<string>();
  const close = async () => {
    if (pendoId === undefined || (await askToLeave())) onClose();
  };
  return (
    <Modal
      opened
      onClose={() => void close()}
      closeOnClickOutside={pendoId === undefined}
      size="xl"
      title={<Text fw={650}>Add a report</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {pendoId === undefined ? (
        <Choose connection={connection} onChoose={setPendoId} />
      ) : (
        <SetUp connection={connection} pendoId={pendoId} onBack={() => setPendoId(undefined)} onDone={onClose} />
      )}
    </Modal>
  );
}

function Choose({ connection, onChoose }: { connection: Connection; onChoose: (id: string) => void }) {
  const reports = useQuery({
    queryKey: ["pendo-reports", connection.id],
    queryFn: () => get<Static<typeof PendoReportList>>(`/connections/${connection.id}/pendo-reports`),
  });
  if (reports.error)
    return <Failed error={reports.error} title="Pendo did not list its reports" again={() => void reports.refetch()} />;
  if (!reports.data) return <Loading />;
  if (reports.data.items.length === 0)
    return (
      <Text size="sm">
        The subscription has no shared visitor or account reports. Share one in Pendo, then come back.
      </Text>
    );
  return (
    <Table verticalSpacing={6} aria-label="Reports of Pendo">
      <Table.Tbody>
        {reports.data.items.map(({ id, name, level, lastRunAt, isSyncable, whyNot, reports: synced }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <Text size="sm" fw={550}>
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                {level ?? "unknown level"}
                {lastRunAt && (
                  <>
                    {" · "}ran at Pendo <Ago at={lastRunAt} />
                  </>
                )}
                {synced.length > 0 && ` · synced as ${synced.map((one) => one.level).join(", ")}`}
              </Text>
              {whyNot && (
                <Text size="xs" c="dimmed">
                  {whyNot}
                </Text>
              )}
            </Table.Td>
            <Table.Td ta="right">
              <Button
                size="compact-sm"
                variant="default"
                disabled={!isSyncable}
                aria-label={`Choose ${name}`}
                onClick={() => onChoose(id)}
              >
                Choose
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

type SetUpProps = { connection: Connection; pendoId: string; onBack: () => void; onDone: () => void };

function SetUp({ connection, pendoId, onBack, onDone }: SetUpProps) {
  const preview = useQuery({
    queryKey: ["report-preview", connection.id, pendoId],
    queryFn: () =>
      get<Preview>(`/connections/${connection.id}/pendo-reports/${encodeURIComponent(pendoId)}/preview`, { rows: 5 }),
    staleTime: 60_000,
  });
  if (preview.error)
    return (
      <Stack>
        <Failed error={preview.error} title="The report could not be read" again={() => void preview.refetch()} />
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </Stack>
    );
  if (!preview.data) return <Loading lines={8} />;
  return <Columns connection={connection} preview={preview.data} onBack={onBack} onDone={onDone} />;
}

const combines = ["latest", "sum", "average", "min", "max", "count", "distinct"];
const types = ["number", "text", "yes-no", "date", "list"];

function Columns({ connection, preview, onBack, onDone }: Omit<SetUpProps, "pendoId"> & { preview: Preview }) {
  const { workspace } = useMe();
  const [level, setLevel] = useState<Level>(preview.level);
  const [idColumn, setIdColumn] = useState(preview.idColumn);
  const [every, setEvery] = useState("12");
  const [vanished, setVanished] = useState("keep");
  const [columns, setColumns] = useState<Column[]>([]);
  useEffect(
    () => setColumns(preview.columns.map((one) => ({ ...one, isChosen: one.column !== preview.idColumn }))),
    [preview],
  );
  const add = useAction(
    () =>
      send<Report>("POST", "/reports", {
        connectionId: connection.id,
        pendoReportId: preview.id,
        level,
        idColumn,
        everyHours: Number(every),
        vanished,
        columns: columns
          .filter(({ isChosen, column }) => isChosen && column !== idColumn)
          .map(({ column, trait, type, combine }) => ({ column, trait, type, combine })),
      }),
    { isQuiet: true, done: ({ name }) => `${name} is synced from now on.`, onDone },
  );
  const change = (place: number, next: Partial<Column>) =>
    setColumns(columns.map((one, at) => (at === place ? { ...one, ...next } : one)));
  const chosen = columns.filter(({ isChosen, column }) => isChosen && column !== idColumn).length;
  return (
    <Stack>
      <Text fw={600}>{preview.name}</Text>
      <FirstRows preview={preview} />
      <Group align="flex-start">
        <Select
          label="Traits of"
          w={150}
          allowDeselect={false}
          data={[
            { value: "user", label: "users" },
            { value: "account", label: "accounts" },
            ...(workspace?.hierarchy ? [{ value: "organization", label: "organizations" }] : []),
          ]}
          value={level}
          onChange={(next) => setLevel(next as Level)}
        />
        <Select
          label="Whose a row is, says the column"
          flex="1 1 200px"
          allowDeselect={false}
          placeholder="Choose a column"
          data={preview.columns.map(({ column }) => column)}
          value={idColumn}
          onChange={setIdColumn}
        />
        <Select
          label="Read"
          w={150}
          allowDeselect={false}
          data={rhythms}
          value={every}
          onChange={(next) => setEvery(next ?? "12")}
        />
        <Select
          label="Values that vanish"
          w={160}
          allowDeselect={false}
          data={fates}
          value={vanished}
          onChange={(next) => setVanished(next ?? "keep")}
        />
      </Group>
      <Table.ScrollContainer minWidth={560} type="native" mah={320} tabIndex={0}>
        <Table verticalSpacing={4} aria-label="Columns">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th>Trait</Table.Th>
              <Table.Th>Type</Table.Th>
              <Table.Th>Several rows</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {columns.map((one, place) =>
              one.column === idColumn ? null : (
                <Table.Tr key={one.column}>
                  <Table.Td>
                    <Checkbox
                      label={one.column}
                      checked={one.isChosen}
                      onChange={({ currentTarget }) => change(place, { isChosen: currentTarget.checked })}
                    />
                    <Text size="xs" c="dimmed" lineClamp={1} pl={28}>
                      {one.examples.slice(0, 3).join(", ") || "nothing in it"}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <TextInput
                      size="xs"
                      aria-label={`Trait of ${one.column}`}
                      maxLength={200}
                      disabled={!one.isChosen}
                      value={one.trait}
                      onChange={({ currentTarget }) => change(place, { trait: currentTarget.value })}
                    />
                  </Table.Td>
                  <Table.Td w={110}>
                    <Select
                      size="xs"
                      aria-label={`Type of ${one.column}`}
                      allowDeselect={false}
                      data={types}
                      disabled={!one.isChosen}
                      value={one.type}
                      onChange={(next) => change(place, { type: next as Column["type"] })}
                    />
                  </Table.Td>
                  <Table.Td w={120}>
                    <Select
                      size="xs"
                      aria-label={`Several rows of ${one.column}`}
                      allowDeselect={false}
                      data={combines}
                      disabled={!one.isChosen}
                      value={one.combine}
                      onChange={(next) => change(place, { combine: next as Column["combine"] })}
                    />
                  </Table.Td>
                </Table.Tr>
              ),
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {idColumn === null && (
        <Alert color="yellow" variant="light">
          No column is named like Pendo's ids: choose the one that says whose a row is. Its values are taken as external
          IDs.
        </Alert>
      )}
      {add.error && <Failed error={add.error} title="It was not added" />}
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button disabled={idColumn === null || chosen === 0} loading={add.isPending} onClick={() => add.mutate()}>
          Sync {formatNumber(chosen)} traits
        </Button>
      </Group>
    </Stack>
  );
}

function FirstRows({ preview }: { preview: Preview }) {
  const names = preview.columns.map(({ column }) => column);
  return (
    <Table.ScrollContainer minWidth={480} type="native" mah={180} tabIndex={0}>
      <Table verticalSpacing={2} fz="xs" aria-label="Its first rows" striped>
        <Table.Thead>
          <Table.Tr>
            {names.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and never move.
            <Table.Tr key={place}>
              {names.map((name) => (
                <Table.Td key={name}>{show((row as Record<string, unknown>)[name])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
