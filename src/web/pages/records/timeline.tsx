// What happened, the newest first, by day.
import { Anchor, Box, Group, Timeline as Line, Paper, Stack, Text, Title } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { Event as EventSchema } from "../../../contract/api.ts";
import { useApps, useGuides, useKinds } from "../../api/facets.ts";
import type { Level } from "../../api/records.ts";
import { Dotted } from "../../parts/dotted.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { Failed } from "../../parts/failed.tsx";
import { ChoiceFilter, FilterBar, RangeFilter, TextFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatClock, formatDay, formatTime } from "../../parts/format.ts";
import { nameKind } from "../../parts/kinds.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { Loading } from "../../parts/loading.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import { showValue } from "./traits.tsx";

type Event = Static<typeof EventSchema>;

export function Timeline({
  level,
  id,
  limit,
  hasFilters = false,
}: {
  level: Level;
  id: string;
  limit: number;
  hasFilters?: boolean;
}) {
  const [filters] = useFilters();
  const given = hasFilters
    ? {
        kind: filters.kind,
        guide: filters.guide,
        app: filters.app,
        q: filters.q,
        from: filters.from,
        ...toRange(filters.days),
      }
    : {};
  const query = { ...given, [level]: id };
  const list = useList<Event>("/events", query, { topics: ["events"], limit });
  return (
    <Stack gap="sm">
      {hasFilters && (
        <Group justify="space-between" align="flex-start" gap="xs">
          <Filters />
          <ExportButton path="/events.csv" filters={{ ...query, from: undefined }} />
        </Group>
      )}
      <NewRows of={list} />
      <Paper withBorder p="md" component="section" aria-label="Timeline">
        {!hasFilters && (
          <Title order={2} mb="sm">
            Timeline
          </Title>
        )}
        {list.error && !list.rows ? (
          <Failed error={list.error} again={() => void list.refetch()} />
        ) : !list.rows ? (
          <Loading />
        ) : list.rows.length === 0 ? (
          <Empty icon={IconTimeline} title="Nothing has happened">
            Events of Pendo and of the Analytics API appear here by day.
          </Empty>
        ) : (
          <Days events={list.rows} level={level} />
        )}
        {hasFilters && <ListFoot next={list.next} />}
      </Paper>
    </Stack>
  );
}

function Filters() {
  const apps = useApps();
  return (
    <FilterBar names={["kind", "guide", "app", "q", "days"]}>
      <TextFilter name="q" label="What it is called" />
      <ChoiceFilter name="kind" label="Any kind" choices={useKinds()} />
      <ChoiceFilter name="guide" label="Any guide" choices={useGuides("events")} />
      {apps.length > 1 && <ChoiceFilter name="app" label="Any app" choices={apps} />}
      <RangeFilter />
    </FilterBar>
  );
}

function Days({ events, level }: { events: readonly Event[]; level: Level }) {
  const days = new Map<string, Event[]>();
  for (const event of events) {
    const day = formatDay(event.occurredAt);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return (
    <Stack gap="lg" className="rows">
      {[...days].map(([day, ofDay]) => (
        <div key={day}>
          <Text size="xs" fw={600} c="dimmed" mb="xs">
            {day}
          </Text>
          <Line bulletSize={12} lineWidth={2} active={ofDay.length}>
            {ofDay.map((event) => (
              <Line.Item key={event.id}>
                <Entry event={event} level={level} />
              </Line.Item>
            ))}
          </Line>
        </div>
      ))}
    </Stack>
  );
}

function Entry({ event, level }: { event: Event; level: Level }) {
  const { kind, name, occurredAt, user, account, deliveryId, timeFlag } = event;
  const properties = readProperties(event);
  const { guideName, step, steps } = properties;
  const called = nameKind(kind);
  return (
    <Box mt={-4}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={550}>
          {name}
          {typeof guideName === "string" && (
            <Text span inherit fw={400}>
              : {guideName}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed" className="nowrap" title={formatTime(occurredAt)}>
          {formatClock(occurredAt)}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        <Dotted>
          {/* Pendo's own events are called as their kind is. */}
          {called.toLowerCase() !== name.toLowerCase() && called}
          {level !== "user" && user && <RecordLink level="user" record={user} />}
          {level !== "account" && account && <RecordLink level="account" record={account} />}
          {typeof steps === "number" && steps > 1 && `step ${step} of ${steps}`}
          {timeFlag && `the time of arrival stands in for Pendo's (${timeFlag})`}
          <Anchor component={Link} to={`/deliveries/${deliveryId}`} inherit c="dimmed">
            delivery
          </Anchor>
        </Dotted>
      </Text>
      <Says properties={properties} />
    </Box>
  );
}

type Answer = { question?: string | null; answer?: unknown; answerLabel?: string | null };

/** What a guide's events have beside its name, and nobody reads. */
const ofGuides = new Set(["guideId", "guideName", "guideStepId", "step", "steps", "language"]);

function readProperties({ properties }: Event): Record<string, unknown> {
  return typeof properties === "object" && properties !== null ? (properties as Record<string, unknown>) : {};
}

/** Answers of polls readable in place; of other events their first few plain properties. */
function Says({ properties }: { properties: Record<string, unknown> }) {
  const { answers, guideId } = properties as { answers?: Answer[]; guideId?: unknown };
  if (Array.isArray(answers))
    return (
      <Stack gap={2} mt={4}>
        {answers.map(({ question, answer, answerLabel }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: answers stay in their order.
          <Text key={place} size="sm">
            {question && (
              <Text span inherit c="dimmed">
                {question}{" "}
              </Text>
            )}
            {answerLabel ?? showValue(answer)}
          </Text>
        ))}
      </Stack>
    );
  const plain = Object.entries(properties)
    .filter(([name]) => guideId === undefined || !ofGuides.has(name))
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .slice(0, 4);
  if (plain.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" mt={2} lineClamp={1} className="one-line">
      {plain.map(([name, value]) => `${name}: ${showValue(value)}`).join(" · ")}
    </Text>
  );
}
