import {
  Alert,
  Button,
  Drawer,
  FileInput,
  Group,
  Paper,
  Progress,
  Select,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { IconFileImport, IconFileSpreadsheet } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Static } from "typebox";
import type { ImportDetail, Import as ImportSchema } from "../../../contract/imports.ts";
import { download, get, send } from "../../api/call.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber, formatSize } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { tellFailed } from "../../parts/tell.ts";
import { useAction } from "../../parts/use-action.ts";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

type Import = Static<typeof ImportSchema>;
type Detail = Static<typeof ImportDetail>;

const kinds = [
  { value: "user", label: "Users" },
  { value: "account", label: "Accounts" },
  { value: "organization", label: "Organizations" },
];

export function ImportsPage() {
  const { may } = useMe();
  const [filters] = useFilters();
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const list = useList<Import>("/imports", filters, { topics: ["imports"] });
  const show = (to: string | undefined) =>
    void navigate({
      to: to === undefined ? "/settings/imports" : `/settings/imports/${to}`,
      search: filters as never,
      resetScroll: false,
    });
  return (
    <Page
      title="Imports"
      lead="Organizations, accounts and users from CSV files. Traits come along; nothing that is already here is lost."
      above={<BackTo to="/settings" name="Settings" />}
    >
      {may("write") && <NewImport onMade={show} />}
      <Paper withBorder>
        <DataTable
          label="Imports"
          columns={columns}
          rows={list.rows}
          keyOf={(row) => row.id}
          error={list.error}
          again={() => void list.refetch()}
          onOpen={(row) => show(row.id)}
          isOpen={(row) => row.id === id}
          empty={
            <Empty icon={IconFileSpreadsheet} title="No imports yet">
              A file's first row names its columns. One of them is the external ID, by which records are recognised.
            </Empty>
          }
        />
        <ListFoot next={list.next} />
      </Paper>
      <ImportPanel id={id} onClose={() => show(undefined)} />
    </Page>
  );
}

const columns: Column<Import>[] = [
  {
    key: "kind",
    title: "Of",
    cell: ({ kind, dryRun }) => `${kinds.find(({ value }) => value === kind)?.label}${dryRun ? " (trial)" : ""}`,
  },
  { key: "state", title: "State", cell: ({ state }) => <StateBadge state={state} /> },
  { key: "read", title: "Rows", align: "right", cell: ({ counts }) => formatNumber(counts.read) },
  { key: "created", title: "New", align: "right", wide: true, cell: ({ counts }) => formatNumber(counts.created ?? 0) },
  {
    key: "updated",
    title: "Changed",
    align: "right",
    wide: true,
    cell: ({ counts }) => formatNumber(counts.updated ?? 0),
  },
  { key: "rejected", title: "Rejected", align: "right", cell: ({ counts }) => formatNumber(counts.rejected ?? 0) },
  { key: "by", title: "By", wide: true, cell: ({ madeBy }) => madeBy },
  { key: "at", title: "When", align: "right", cell: ({ createdAt }) => <Ago at={createdAt} /> },
];

function NewImport({ onMade }: { onMade: (id: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState("user");
  const upload = useAction(
    (given: File) => send<Import>("POST", `/imports?${new URLSearchParams({ kind, start: "false" })}`, given),
    {
      changes: [["list", "/imports"]],
      isQuiet: true,
      onDone: ({ id }) => {
        setFile(null);
        onMade(id);
      },
    },
  );
  return (
    <Section title="New import">
      <Stack>
        {upload.error && <Failed error={upload.error} title="The file was not taken" />}
        <Group align="flex-end">
          <Select
            label="The rows are"
            w={160}
            data={kinds}
            value={kind}
            allowDeselect={false}
            onChange={(next) => setKind(next ?? "user")}
          />
          <FileInput
            label="CSV file"
            placeholder="Choose a file"
            accept=".csv,text/csv,text/plain"
            clearable
            clearButtonProps={{ "aria-label": "Take the file out" }}
            flex="1 1 240px"
            value={file}
            onChange={setFile}
          />
          <Button
            leftSection={<IconFileImport size={16} aria-hidden />}
            disabled={file === null}
            loading={upload.isPending}
            onClick={() => file && upload.mutate(file)}
          >
            Look at the columns
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Nothing is imported yet: you first see what each column would become.{file && ` ${formatSize(file.size)}.`}
        </Text>
      </Stack>
    </Section>
  );
}

function ImportPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const detail = useQuery({
    queryKey: ["import", id],
    queryFn: () => get<Detail>(`/imports/${id}`),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data && ["uploading", "running"].includes(state.data.state) ? 1_000 : false),
  });
  useLiveQueries(["imports"], [["import", id]]);
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size={620}
      title={<Text fw={650}>Import</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {detail.error && !detail.data ? (
        <Failed error={detail.error} again={() => void detail.refetch()} />
      ) : detail.data ? (
        <Whole key={detail.data.id} detail={detail.data} />
      ) : (
        <Loading />
      )}
    </Drawer>
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
        {may("write") && ["waiting", "running"].includes(detail.state) && (
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
      </Group>
      {detail.message && (
        <Alert color={detail.state === "failed" ? "red" : "gray"} variant="light">
          {detail.message}
        </Alert>
      )}
      {detail.state === "running" && <Running detail={detail} />}
      {detail.state === "waiting" && may("write") ? <Columns detail={detail} /> : <Counts detail={detail} />}
      {detail.rejections.length > 0 && <Rejections detail={detail} />}
    </Stack>
  );
}

function Running({ detail: { step, done, total } }: { detail: Detail }) {
  const share = total ? Math.min(100, (100 * done) / total) : 100;
  return (
    <div>
      <Progress value={share} animated aria-label={step ?? "Waiting for its turn"} />
      <Text size="sm" c="dimmed" mt={4} className="number">
        {step ?? "waiting for its turn"}: {formatNumber(done)}
        {total ? ` of ${formatNumber(total)}` : ""}
      </Text>
    </div>
  );
}

const becomes: Record<Import["kind"], string[]> = {
  user: ["externalId", "name", "email", "account", "organization", "trait", "nothing"],
  account: ["externalId", "name", "organization", "trait", "nothing"],
  organization: ["externalId", "name", "trait", "nothing"],
};
const names: Record<string, string> = {
  externalId: "External ID",
  name: "Name",
  email: "E-mail",
  account: "Account (external ID)",
  organization: "Organization (external ID)",
  trait: "Trait",
  nothing: "Nothing",
};

function Columns({ detail }: { detail: Detail }) {
  const [choices, setChoices] = useState(detail.columns);
  const [isTrial, setTrial] = useState(false);
  useEffect(() => setChoices(detail.columns), [detail.columns]);
  const start = useAction(() => send("POST", `/imports/${detail.id}/start`, { columns: choices, dryRun: isTrial }), {
    changes: [
      ["import", detail.id],
      ["list", "/imports"],
    ],
    isQuiet: true,
  });
  const change = (place: number, next: Partial<(typeof choices)[number]>) =>
    setChoices(choices.map((one, at) => (at === place ? { ...one, ...next } : one)));
  const hasId = choices.some((one) => one.becomes === "externalId");
  return (
    <Stack>
      <Text size="sm">What each column becomes:</Text>
      {start.error && <Failed error={start.error} title="It was not started" />}
      <Table verticalSpacing={4} aria-label="Columns">
        <Table.Tbody>
          {choices.map(({ column, becomes: chosen, trait }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have the same name; they never move.
            <Table.Tr key={place}>
              <Table.Th fw={500}>{column || <i>without a name</i>}</Table.Th>
              <Table.Td w={210}>
                <Select
                  size="xs"
                  aria-label={`${column} becomes`}
                  data={becomes[detail.kind].map((value) => ({ value, label: names[value] ?? value }))}
                  value={chosen}
                  allowDeselect={false}
                  onChange={(next) => change(place, { becomes: next as typeof chosen })}
                />
                {chosen === "trait" && (
                  <TextInput
                    size="xs"
                    mt={4}
                    aria-label={`Name of the trait of ${column}`}
                    placeholder={column}
                    maxLength={200}
                    value={trait ?? ""}
                    onChange={({ currentTarget }) => change(place, { trait: currentTarget.value })}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!hasId && (
        <Text size="sm" c="red" role="alert">
          One column must be the external ID.
        </Text>
      )}
      <Group justify="space-between">
        <Switch
          label="Trial: count, and change nothing"
          checked={isTrial}
          onChange={({ currentTarget }) => setTrial(currentTarget.checked)}
        />
        <Button disabled={!hasId} loading={start.isPending} onClick={() => start.mutate()}>
          {isTrial ? "Try" : "Import"}
        </Button>
      </Group>
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
