import { Button, FileInput, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { IconFileImport, IconFileSpreadsheet } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Static } from "typebox";
import type { Import as ImportSchema } from "../../../contract/imports.ts";
import { send } from "../../api/call.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber, formatSize } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import { ImportPanel } from "./import-panel.tsx";

type Import = Static<typeof ImportSchema>;

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
      <NewRows of={list} />
      <Paper withBorder>
        <DataTable
          label="Imports"
          columns={columns}
          of={list}
          keyOf={(row) => row.id}
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
