// What people of a record said: NPS and polls.
import { Stack, Text } from "@mantine/core";
import { IconChartBar, IconMoodSmile } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { PollResponse } from "../../../contract/api.ts";
import type { NpsSummary } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import type { Level } from "../../api/records.ts";
import { Ago } from "../../parts/ago.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { BandBar, formatScore } from "../../parts/score.tsx";
import { Section } from "../../parts/section.tsx";
import { useList } from "../../parts/use-list.ts";
import { NpsCard, type NpsResponse } from "../nps/nps-card.tsx";
import { showValue } from "./traits.tsx";

type Poll = Static<typeof PollResponse>;

export function Answers({ level, id }: { level: Level; id: string }) {
  const filter = { [level]: id };
  const summary = useQuery({
    queryKey: ["nps-summary", filter],
    queryFn: () => get<Static<typeof NpsSummary>>("/nps-summary", filter),
  });
  const responses = useList<NpsResponse>("/nps-responses", filter, { topics: ["nps"], limit: 50 });
  const polls = useList<Poll>("/poll-responses", filter, { topics: ["polls"], limit: 50 });
  const showNews = () => {
    responses.showNews();
    polls.showNews();
  };
  const columns: Column<Poll>[] = [
    {
      key: "question",
      title: "Question",
      cell: ({ question, guide }) => <Text size="sm">{question ?? guide?.name ?? "–"}</Text>,
    },
    {
      key: "answer",
      title: "Answer",
      cell: ({ answer, answerLabel }) => (
        <Text size="sm" fw={550}>
          {answerLabel ?? showValue(answer)}
        </Text>
      ),
    },
    { key: "user", title: "User", wide: true, cell: ({ user }) => <RecordLink level="user" record={user} /> },
    { key: "at", title: "When", align: "right", cell: ({ respondedAt }) => <Ago at={respondedAt} /> },
  ];
  return (
    <Stack gap="lg">
      <NewRows of={{ news: responses.news ?? polls.news, showNews }} />
      <Section title="NPS" actions={hasRows(responses) && <ExportButton path="/nps-responses.csv" filters={filter} />}>
        {summary.data && summary.data.answers > 0 && (
          <Stack gap="xs" mb="md">
            <Text fz={32} fw={650} lh={1} className="number">
              {formatScore(summary.data.score)}
            </Text>
            <BandBar of={summary.data} />
          </Stack>
        )}
        {responses.rows?.length === 0 ? (
          <Empty icon={IconMoodSmile} title="Nobody has answered yet" />
        ) : (
          <Stack gap="sm" className="rows">
            {responses.rows?.map((response) => (
              <NpsCard key={response.id} response={response} />
            ))}
          </Stack>
        )}
      </Section>
      <Section
        title="Polls"
        flush
        actions={hasRows(polls) && <ExportButton path="/poll-responses.csv" filters={filter} />}
      >
        <DataTable
          label="Answers to polls"
          columns={columns}
          of={polls}
          keyOf={(row) => row.id}
          empty={<Empty icon={IconChartBar} title="No poll was answered yet" />}
        />
      </Section>
    </Stack>
  );
}

const hasRows = ({ rows }: { rows: readonly unknown[] | undefined }) => rows !== undefined && rows.length > 0;
