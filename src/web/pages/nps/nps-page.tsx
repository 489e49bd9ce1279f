// NPS: the number, its trend, then the words.
import { Group, Paper, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, memo, Suspense } from "react";
import type { Static } from "typebox";
import type { NpsSummary as SummarySchema } from "../../../contract/numbers.ts";
import { get } from "../../api/call.ts";
import { useGuides } from "../../api/facets.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { Failed } from "../../parts/failed.tsx";
import { ChoiceFilter, FilterBar, RangeFilter, TextFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatNumber, zone } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { Loading } from "../../parts/loading.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { Page } from "../../parts/page.tsx";
import { RecordFilter } from "../../parts/record-filter.tsx";
import { BandBar, formatScore } from "../../parts/score.tsx";
import { Section } from "../../parts/section.tsx";
import { type Filters, useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import { NpsCard, type NpsResponse } from "./nps-card.tsx";

export type Summary = Static<typeof SummarySchema>;

const NpsChart = lazy(() => import("./nps-chart.tsx").then(({ NpsChart: it }) => ({ default: it })));

export function NpsPage() {
  const [{ days = "90", ...filters }] = useFilters();
  const guides = useGuides("npsResponses");
  const query: Filters = { ...filters, ...(days === "all" ? {} : toRange(days)) };
  const { from, ...numbers } = query;
  const summary = useQuery({
    queryKey: ["nps-summary", numbers],
    queryFn: () => get<Summary>("/nps-summary", { ...numbers, zone }),
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["nps"], [["nps-summary"]]);
  const list = useList<NpsResponse>("/nps-responses", query, { topics: ["nps"] });
  return (
    <Page title="NPS" actions={<ExportButton path="/nps-responses.csv" filters={numbers} />}>
      <FilterBar names={["days", "guide", "account", "band", "score", "matched", "q", "since", "until"]}>
        <RangeFilter label="Last 90 days" />
        <ChoiceFilter name="guide" label="Any guide" choices={guides} />
        <ChoiceFilter
          name="band"
          label="Any score"
          choices={[
            { value: "promoter", label: "Promoters (9–10)" },
            { value: "passive", label: "Passives (7–8)" },
            { value: "detractor", label: "Detractors (0–6)" },
          ]}
        />
        <ChoiceFilter
          name="matched"
          label="Everybody"
          choices={[
            { value: "yes", label: "With a user" },
            { value: "no", label: "Unmatched" },
          ]}
        />
        <RecordFilter level="account" label="Any account" />
        <TextFilter name="q" label="In the words" />
      </FilterBar>
      {summary.error && !summary.data ? (
        <Failed error={summary.error} again={() => void summary.refetch()} />
      ) : !summary.data ? (
        <Skeleton height={220} />
      ) : (
        <Numbers summary={summary.data} />
      )}
      <NewRows of={list} />
      <Section title="Answers">
        {list.error && !list.rows ? (
          <Failed error={list.error} again={() => void list.refetch()} />
        ) : !list.rows ? (
          <Loading />
        ) : list.rows.length === 0 ? (
          <Empty icon={IconMoodSmile} title="No answers here">
            NPS answers of Pendo appear the moment they come. Choose a longer time, or take a filter out.
          </Empty>
        ) : (
          <Stack gap="sm" className="rows">
            {list.rows.map((response) => (
              <NpsCard key={response.id} response={response} />
            ))}
          </Stack>
        )}
        <ListFoot next={list.next} />
      </Section>
    </Page>
  );
}

/** Not drawn again before there are other numbers: a filter is answered at once, and the chart takes its time. */
const Numbers = memo(function Numbers({ summary }: { summary: Summary }) {
  const { score, answers, before } = summary;
  const change = score !== null && before?.score !== null && before !== null ? score - before.score : undefined;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Paper withBorder p="md" component="section" aria-label="The score">
        <Group align="baseline" gap="md">
          <Text fz={48} fw={700} lh={1} className="number">
            {formatScore(score)}
          </Text>
          <div>
            <Text size="sm" className="number">
              {formatNumber(answers)} answers
            </Text>
            {change !== undefined && (
              <Text size="sm" c="dimmed" className="number">
                {change === 0 ? "as" : `${change > 0 ? "up" : "down"} ${Math.abs(change)} from`}{" "}
                {formatScore(before?.score ?? null)} before
              </Text>
            )}
          </div>
        </Group>
        <Stack mt="md" gap="md">
          <BandBar of={summary} />
          <Scores scores={summary.scores} />
        </Stack>
      </Paper>
      <Paper withBorder p="md" component="section" aria-label="Its trend">
        <Text fw={600} mb="xs">
          Trend
        </Text>
        <Suspense fallback={<Skeleton height={200} />}>
          <NpsChart summary={summary} />
        </Suspense>
      </Paper>
      {summary.guides.length > 1 && <Guides guides={summary.guides} />}
    </SimpleGrid>
  );
});

/** How often each score was given. */
function Scores({ scores }: { scores: readonly number[] }) {
  const most = Math.max(1, ...scores);
  return (
    <Group
      gap={4}
      align="flex-end"
      wrap="nowrap"
      role="img"
      aria-label={scores.map((count, score) => `${score}: ${count}`).join(", ")}
    >
      {scores.map((count, score) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is the score.
        <Stack key={score} gap={2} align="center" flex={1} miw={0}>
          <Text size="xs" className="number" c="dimmed">
            {count > 0 ? formatNumber(count) : ""}
          </Text>
          <div
            style={{
              width: "100%",
              height: Math.max(2, (96 * count) / most),
              borderRadius: 3,
              background: `var(--mantine-color-${score >= 9 ? "green-7" : score >= 7 ? "yellow-6" : "red-7"})`,
              opacity: count === 0 ? 0.25 : 1,
            }}
          />
          <Text size="xs" className="number">
            {score}
          </Text>
        </Stack>
      ))}
    </Group>
  );
}

type Guide = Summary["guides"][number];

function Guides({ guides }: { guides: readonly Guide[] }) {
  const [, change] = useFilters();
  const isOneOfSeveral = (name: string | null) => guides.filter((one) => one.name === name).length > 1;
  const columns: Column<Guide>[] = [
    {
      key: "guide",
      title: "Guide",
      order: ({ name, id }) => name ?? id,
      cell: ({ id, name }) => (
        <div>
          <Text size="sm">{name ?? id ?? "without a guide"}</Text>
          {name !== null && isOneOfSeveral(name) && (
            <Text size="xs" c="dimmed" className="mono one-line" lineClamp={1}>
              {id}
            </Text>
          )}
        </div>
      ),
    },
    {
      key: "score",
      title: "Score",
      align: "right",
      order: ({ score }) => score,
      cell: ({ score }) => <b>{formatScore(score)}</b>,
    },
    ...countsOf.map(({ key, title, wide }) => ({
      key,
      title,
      wide,
      align: "right" as const,
      order: (guide: Guide) => guide[key],
      cell: (guide: Guide) => formatNumber(guide[key]),
    })),
  ];
  return (
    <Paper withBorder component="section" aria-label="By guide" style={{ gridColumn: "1 / -1" }}>
      <DataTable
        label="By guide"
        columns={columns}
        of={{ data: { items: guides }, error: null, refetch: () => {} }}
        keyOf={({ id }) => id ?? ""}
        onOpen={({ id }) => id !== null && change({ guide: id })}
        empty={null}
      />
    </Paper>
  );
}

const countsOf = [
  { key: "answers", title: "Answers", wide: false },
  { key: "promoters", title: "Promoters", wide: true },
  { key: "passives", title: "Passives", wide: true },
  { key: "detractors", title: "Detractors", wide: true },
] as const;
