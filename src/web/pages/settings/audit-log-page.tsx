import { Code, Drawer, Group, Paper, Stack, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import type { Static } from "typebox";
import type { AuditPage } from "../../../contract/access.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { Copyable } from "../../parts/copy.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { ChoiceFilter, FilterBar, RangeFilter, TextFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatTime } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { Page } from "../../parts/page.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

type Line = Static<typeof AuditPage>["items"][number];

const authors = [
  { value: "member", label: "Members" },
  { value: "api-key", label: "API keys" },
  { value: "command-line", label: "Command line" },
  { value: "system", label: "Plumbline itself" },
];
const subjects = [
  "connection",
  "member",
  "invitation",
  "api-key",
  "workspace",
  "report",
  "import",
  "delivery",
  "secret",
  "session",
];

export function AuditLogPage() {
  const [{ days, ...filters }] = useFilters();
  const [open, setOpen] = useState<Line>();
  const query = { ...filters, ...toRange(days) };
  const list = useList<Line>("/audit-log", query);
  return (
    <Page
      title="Audit log"
      lead="Every change and every use of a secret: who, what, when, from where. Nothing here can be changed."
      above={<BackTo to="/settings" name="Settings" />}
      actions={<ExportButton path="/audit-log.csv" filters={{ ...query, from: undefined }} />}
    >
      <FilterBar names={["action", "by", "subject", "days"]}>
        <TextFilter name="subject" label="Id of what it is about" />
        <ChoiceFilter name="action" label="Anything" choices={subjects} />
        <ChoiceFilter name="by" label="Anybody" choices={authors} />
        <RangeFilter />
      </FilterBar>
      <Paper withBorder>
        <DataTable
          label="Audit log"
          columns={columns}
          of={list}
          keyOf={({ id }) => id}
          onOpen={setOpen}
          empty={
            <Empty icon={IconHistory} title="No line fits">
              Changes of connections, members, keys, reports and records leave a line here.
            </Empty>
          }
        />
        <ListFoot next={list.next} />
      </Paper>
      <Drawer
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        position="right"
        size={560}
        title={<Text fw={650}>{open?.action}</Text>}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {open && <Whole line={open} />}
      </Drawer>
    </Page>
  );
}

const columns: Column<Line>[] = [
  { key: "action", title: "What", cell: ({ action }) => <span className="mono">{action}</span> },
  {
    key: "by",
    title: "Who",
    cell: ({ by }) => (
      <div>
        <Text size="sm">{by.name}</Text>
        {by.kind !== "member" && (
          <Text size="xs" c="dimmed">
            {by.kind}
          </Text>
        )}
      </div>
    ),
  },
  {
    key: "subject",
    title: "About",
    wide: true,
    cell: ({ subject }) => (
      <Group gap={6} wrap="nowrap">
        <Text size="sm">{subject.type}</Text>
        {subject.id && <Copyable text={subject.id} short />}
      </Group>
    ),
  },
  {
    key: "address",
    title: "From",
    wide: true,
    cell: ({ address }) => <span className="mono">{address ?? "this machine"}</span>,
  },
  { key: "at", title: "When", align: "right", cell: ({ at }) => <Ago at={at} /> },
];

function Whole({ line: { at, by, address, subject, before, after } }: { line: Line }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        {by.name} ({by.kind}), {formatTime(at)}, from {address ?? "this machine"}
      </Text>
      <Text size="sm" component="div">
        {subject.type} {subject.id && <Copyable text={subject.id} />}
      </Text>
      <Values title="Before" values={before} />
      <Values title="After" values={after} />
    </Stack>
  );
}

function Values({ title, values }: { title: string; values: Line["before"] }) {
  if (values === null) return null;
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        {title}
      </Text>
      <Code block tabIndex={0}>
        {JSON.stringify(values, null, 2)}
      </Code>
    </div>
  );
}
