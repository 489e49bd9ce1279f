import { Paper, Text } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { PollList } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { Ago } from "../../parts/ago.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { FilterBar, RangeFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { nameKind } from "./poll-kinds.ts";

type Poll = Static<typeof PollList>["items"][number];

const columns: readonly Column<Poll>[] = [
  {
    key: "question",
    title: "Question",
    order: ({ question, guide }) => question ?? guide.name,
    cell: ({ question, guide }) => (
      <div>
        <Text size="sm" fw={550}>
          {question ?? guide.name ?? "A poll without words"}
        </Text>
        {question && guide.name && (
          <Text size="xs" c="dimmed">
            {guide.name}
          </Text>
        )}
      </div>
    ),
  },
  {
    key: "type",
    title: "Kind",
    wide: true,
    order: ({ pollType }) => nameKind(pollType),
    cell: ({ pollType }) => nameKind(pollType),
  },
  {
    key: "answers",
    title: "Answers",
    align: "right",
    order: ({ answers }) => answers,
    cell: ({ answers }) => formatNumber(answers),
  },
  {
    key: "last",
    title: "Last",
    align: "right",
    order: ({ lastAt }) => lastAt,
    cell: ({ lastAt }) => <Ago at={lastAt} />,
  },
];

export function PollsPage() {
  const [{ days, ...filters }] = useFilters();
  const navigate = useNavigate();
  const query = { ...filters, ...toRange(days) };
  const polls = useQuery({ queryKey: ["polls", query], queryFn: () => get<{ items: Poll[] }>("/polls", query) });
  useLiveQueries(["polls"], [["polls"]]);
  return (
    <Page
      title="Polls"
      lead="Every question that somebody has answered in a guide."
      actions={<ExportButton path="/poll-responses.csv" filters={query} label="Export answers" />}
    >
      <FilterBar names={["days"]}>
        <RangeFilter />
      </FilterBar>
      <Paper withBorder>
        <DataTable
          label="Polls"
          columns={columns}
          of={polls}
          keyOf={({ id }) => id}
          onOpen={({ id }) => void navigate({ to: `/polls/${id}` })}
          empty={
            <Empty icon={IconChartBar} title="No poll was answered yet">
              Answers of Pendo's polls appear here by question, with the words of each choice.
            </Empty>
          }
        />
      </Paper>
    </Page>
  );
}
