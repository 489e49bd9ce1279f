// The results of one poll: what was chosen, when, and by which accounts.
import { Box, Grid, Group, Progress, Skeleton, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Static } from "typebox";
import type { PollResponse } from "../../../contract/api.ts";
import type { PollResults } from "../../../contract/numbers.ts";
import { ApiError, get } from "../../api/call.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { Failed } from "../../parts/failed.tsx";
import { FilterBar, RangeFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatNumber, zone } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { Loading } from "../../parts/loading.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { Page } from "../../parts/page.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { Section } from "../../parts/section.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import { NothingHere } from "../../shell/nothing-here.tsx";
import { hasAverage } from "./poll-kinds.ts";

export type Results = Static<typeof PollResults>;
type Response = Static<typeof PollResponse>;

const PollChart = lazy(() => import("./poll-chart.tsx").then(({ PollChart: it }) => ({ default: it })));

export function PollPage() {
  const { id = "" } = useParams({ strict: false });
  const [{ days }] = useFilters();
  const range = toRange(days);
  const poll = useQuery({
    queryKey: ["polls", id, range],
    queryFn: () => get<Results>(`/polls/${encodeURIComponent(id)}`, { ...range, zone }),
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["polls"], [["polls", id]]);
  if (poll.error instanceof ApiError && poll.error.status === 404) return <NothingHere />;
  if (poll.error && !poll.data) return <Failed error={poll.error} again={() => void poll.refetch()} />;
  if (!poll.data) return <Loading />;
  const { question, guide, pollType, answers, texts } = poll.data;
  const average = hasAverage(pollType) ? poll.data.average : null;
  return (
    <Page
      title={question ?? guide.name ?? "A poll without words"}
      above={<BackTo to="/polls" name="Polls" />}
      lead={
        <Group gap="2px 16px" component="span">
          {guide.name && <span>{guide.name}</span>}
          <span className="number">{formatNumber(answers)} answers</span>
          {average !== null && <span className="number">{average.toFixed(1)} on average</span>}
          <span>
            last <Ago at={poll.data.lastAt} />
          </span>
        </Group>
      }
      actions={<ExportButton path="/poll-responses.csv" filters={{ poll: id, ...range }} label="Export answers" />}
    >
      <FilterBar names={["days"]}>
        <RangeFilter />
      </FilterBar>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {texts ? <Texts id={id} /> : <Choices poll={poll.data} />}
            <Section title="Over time">
              <Suspense fallback={<Skeleton height={180} />}>
                <PollChart buckets={poll.data.buckets} />
              </Suspense>
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Accounts poll={poll.data} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function Choices({ poll: { choices, answers } }: { poll: Results }) {
  return (
    <Section title="What was chosen">
      {choices.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody answered in this time.
        </Text>
      )}
      <Stack gap="sm">
        {choices.map(({ label, answers: count }) => (
          <div key={label}>
            <Group justify="space-between" gap="md" wrap="nowrap">
              <Text size="sm">{label}</Text>
              <Text size="sm" className="number nowrap">
                {formatNumber(count)}{" "}
                <Text span c="dimmed" inherit>
                  {Math.round((100 * count) / Math.max(1, answers))} %
                </Text>
              </Text>
            </Group>
            <Progress value={(100 * count) / Math.max(1, answers)} mt={4} aria-hidden />
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** What people typed, the newest first. */
function Texts({ id }: { id: string }) {
  const [{ days, from }] = useFilters();
  const list = useList<Response>(
    "/poll-responses",
    { poll: id, from, ...toRange(days) },
    { topics: ["polls"], limit: 50 },
  );
  return (
    <Section title="What people wrote">
      {list.error && !list.rows && <Failed error={list.error} again={() => void list.refetch()} />}
      {!list.rows && !list.error && <Loading />}
      <NewRows of={list} />
      <Stack gap="sm" className="rows">
        {list.rows
          ?.filter(({ answer }) => typeof answer === "string")
          .map(({ id, answer, user, account, respondedAt }) => (
            <Box key={id}>
              <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
                {String(answer)}
              </Text>
              <Text size="xs" c="dimmed">
                <RecordLink level="user" record={user} /> · <RecordLink level="account" record={account} /> ·{" "}
                <Ago at={respondedAt} />
              </Text>
            </Box>
          ))}
      </Stack>
      <ListFoot next={list.next} />
    </Section>
  );
}

function Accounts({ poll: { accounts } }: { poll: Results }) {
  return (
    <Section title="By account" flush>
      <Table verticalSpacing={5} horizontalSpacing="md" aria-label="By account">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Account</Table.Th>
            <Table.Th>Last answer</Table.Th>
            <Table.Th ta="right">Answers</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map(({ id, externalId, name, answers, last }) => (
            <Table.Tr key={id}>
              <Table.Td>
                {id !== null && externalId !== null ? (
                  <RecordLink level="account" record={{ id, externalId, name }} />
                ) : (
                  <Text size="sm" c="dimmed">
                    no account
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Text size="sm" lineClamp={1}>
                  {last ?? "–"}
                </Text>
              </Table.Td>
              <Table.Td ta="right" className="number">
                {formatNumber(answers)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
