// One record whole: what is known of it at the left, what it did at the right.
import { Grid, Group, Skeleton, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ApiError, get } from "../../api/call.ts";
import {
  type Account,
  idBeside,
  type Level,
  nameOf,
  type Organization,
  pathOf,
  type RecordDetail,
  type User,
} from "../../api/records.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { Copyable } from "../../parts/copy.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Later } from "../../parts/later.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { formatScore, ScoreBadge } from "../../parts/score.tsx";
import { Section } from "../../parts/section.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { NothingHere } from "../../shell/nothing-here.tsx";
import { Answers } from "./answers.tsx";
import { People } from "./people.tsx";
import { Timeline } from "./timeline.tsx";
import { Traits } from "./traits.tsx";

const ActivityChart = lazy(() => import("./activity-chart.tsx").then(({ ActivityChart: it }) => ({ default: it })));

/** Pixels of the chart with what is said above and below it. */
const activityHeight = 214;
const titles: Record<Level, string> = { user: "Users", account: "Accounts", organization: "Organizations" };
const tabs = [
  { value: "overview", name: "Overview" },
  { value: "timeline", name: "Timeline" },
  { value: "users", name: "Users" },
  { value: "answers", name: "NPS and polls" },
];

function RecordPage({ level }: { level: Level }) {
  const { id = "" } = useParams({ strict: false });
  const record = useQuery({
    queryKey: ["record", level, id],
    queryFn: () => get<RecordDetail>(`${pathOf[level]}/${encodeURIComponent(id)}`),
  });
  useLiveQueries(
    ["events", "traits"],
    [
      ["record", level, id],
      ["activity", level, id],
    ],
  );
  if (record.error instanceof ApiError && record.error.status === 404) return <NothingHere />;
  if (record.error && !record.data) return <Failed error={record.error} again={() => void record.refetch()} />;
  if (!record.data) return <Loading lines={10} />;
  return <Whole level={level} record={record.data} />;
}

function Whole({ level, record }: { level: Level; record: RecordDetail }) {
  const [filters, change] = useFilters();
  const shown = tabs.filter(({ value }) => level !== "user" || value !== "users");
  const tab = shown.some(({ value }) => value === filters.tab) ? (filters.tab ?? "overview") : "overview";
  return (
    <Page
      title={nameOf(record)}
      above={<BackTo to={pathOf[level]} name={titles[level]} />}
      lead={<Head level={level} record={record} />}
    >
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: next === "overview" ? undefined : (next ?? undefined) })}
        keepMounted={false}
      >
        <Tabs.List mb="md" className="in-one-row">
          {shown.map(({ value, name }) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Stack gap="lg">
                <Traits level={level} id={record.id} />
                {level === "user" ? (
                  <Memberships user={record as User & RecordDetail} />
                ) : (
                  <Section title="People" flush>
                    <People level={level} id={record.id} limit={8} />
                  </Section>
                )}
                <Matched record={record} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Stack gap="lg">
                <Section title="Activity" lead="Events a day, the last 90 days">
                  <Later height={activityHeight}>
                    <Suspense fallback={<Skeleton height={activityHeight} />}>
                      <ActivityChart level={level} id={record.id} height={activityHeight} />
                    </Suspense>
                  </Later>
                </Section>
                <Timeline level={level} id={record.id} limit={20} />
              </Stack>
            </Grid.Col>
          </Grid>
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <Later height={400}>
            <Timeline level={level} id={record.id} limit={50} hasFilters />
          </Later>
        </Tabs.Panel>
        <Tabs.Panel value="users">
          <Section title="People" flush actions={<ExportButton path="/users.csv" filters={{ [level]: record.id }} />}>
            <People level={level} id={record.id} limit={50} />
          </Section>
        </Tabs.Panel>
        <Tabs.Panel value="answers">
          <Later height={400}>
            <Answers level={level} id={record.id} />
          </Later>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Head({ level, record }: { level: Level; record: RecordDetail }) {
  return (
    <Group gap="2px 16px" component="span">
      <Copyable text={record.externalId} label="Copy the external ID" />
      {level === "user" ? (
        <>
          {(record as User).email && <span>{(record as User).email}</span>}
          <span>
            last score <ScoreBadge score={(record as User).lastScore} />
          </span>
        </>
      ) : (
        <>
          <span className="number">NPS {formatScore((record as Account).nps.score)}</span>
          <span className="number">{formatNumber((record as Account).usersCount)} users</span>
        </>
      )}
      {level === "organization" && (
        <span className="number">{formatNumber((record as Organization).accountsCount)} accounts</span>
      )}
      {level === "account" && (record as Account).organization && (
        <span>
          in <RecordLink level="organization" record={(record as Account).organization} />
        </span>
      )}
      <span>
        last seen <Ago at={record.lastSeenAt} />
      </span>
    </Group>
  );
}

function Memberships({ user }: { user: User }) {
  return (
    <Section title="Belongs to">
      {user.accounts.length + user.organizations.length === 0 ? (
        <Text size="sm" c="dimmed">
          No account and no organization.
        </Text>
      ) : (
        <Stack gap={6}>
          {user.accounts.map((account) => (
            <Text key={account.id} size="sm">
              <RecordLink level="account" record={account} />{" "}
              <Text span size="xs" c="dimmed" className="mono">
                {idBeside(account)}
              </Text>
            </Text>
          ))}
          {user.organizations.map((organization) => (
            <Text key={organization.id} size="sm">
              <RecordLink level="organization" record={organization} />{" "}
              <Text span size="xs" c="dimmed">
                <span className="mono">{idBeside(organization)}</span> organization
              </Text>
            </Text>
          ))}
        </Stack>
      )}
    </Section>
  );
}

function Matched({ record: { why } }: { record: RecordDetail }) {
  return (
    <Section title="How it was matched">
      <Text size="sm" className={why ? "mono" : undefined} c={why ? undefined : "dimmed"}>
        {why?.text ?? "Nothing of Pendo's has come to it: it was made by an import or through the API."}
      </Text>
      {why?.changed && (
        <Text size="sm" c="dimmed" mt={4}>
          Pendo says by now: {why.changed.externalId ?? "nothing"}.
        </Text>
      )}
    </Section>
  );
}

export function AccountPage() {
  return <RecordPage level="account" />;
}

export function OrganizationPage() {
  return <RecordPage level="organization" />;
}

export function UserPage() {
  return <RecordPage level="user" />;
}
