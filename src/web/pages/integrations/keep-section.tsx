import { Alert, Button, Group, Stack, Switch, Table, Text } from "@mantine/core";
import { IconQuestionMark } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Replayed } from "../../../contract/replay.ts";
import { send } from "../../api/call.ts";
import { type Connection, liveQuery } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { nameKind } from "../../parts/kinds.ts";
import { Loading } from "../../parts/loading.tsx";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";

export function KeepSection({ connection }: { connection: Connection }) {
  const isPendo = connection.kind === "pendo";
  return (
    <Section
      title={isPendo ? "3. What to keep" : "What to keep"}
      lead="A kind that is switched off is still kept, and marked as filtered: so “why did nothing happen?” has an answer."
    >
      <Stack>
        {isPendo && <Kinds connection={connection} />}
        <UnknownKinds connection={connection} />
        {isPendo && <Anonymous connection={connection} />}
      </Stack>
    </Section>
  );
}

function Kinds({ connection: { id, filteredKinds } }: { connection: Connection }) {
  const { may } = useMe();
  const save = useAction(
    ({ kind, isKept }: { kind: string; isKept: boolean }) =>
      send("PATCH", `/connections/${id}`, {
        filteredKinds: isKept ? filteredKinds.filter((one) => one !== kind) : [...filteredKinds, kind],
      }),
    {
      changes: [["connections"]],
      done: (_, { kind, isKept }) =>
        `${nameKind(kind)}: ${isKept ? "recorded from now on." : "from now on kept, marked as filtered, and not recorded."}`,
    },
  );
  const live = useQuery(liveQuery(id));
  if (live.error && !live.data) return <Failed error={live.error} again={() => void live.refetch()} />;
  if (!live.data) return <Loading lines={8} />;
  return (
    <Table verticalSpacing={5} aria-label="Kinds of events">
      <Table.Tbody>
        {live.data.kinds.map(({ kind, label, becomes, count }) => (
          <Table.Tr key={kind}>
            <Table.Td>
              <Switch
                label={label}
                checked={!filteredKinds.includes(kind)}
                disabled={!may("admin") || save.isPending}
                onChange={({ currentTarget }) => save.mutate({ kind, isKept: currentTarget.checked })}
              />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed">
                {becomes}
              </Text>
            </Table.Td>
            <Table.Td ta="right" className="number">
              <Text size="sm" c="dimmed">
                {formatNumber(count)} in 24 hours
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function UnknownKinds({ connection: { id, recordedKinds } }: { connection: Connection }) {
  const { may } = useMe();
  const live = useQuery(liveQuery(id));
  const changes = [["connections"]];
  const save = useAction(
    ({ kind, isRecorded }: { kind: string; isRecorded: boolean }) =>
      send("PATCH", `/connections/${id}`, {
        recordedKinds: isRecorded ? [...recordedKinds, kind] : recordedKinds.filter((one) => one !== kind),
      }),
    {
      changes,
      done: (_, { kind, isRecorded }) =>
        `${kind}: ${isRecorded ? "recorded as a plain event from now on." : "kept and not recorded from now on."}`,
    },
  );
  const replay = useAction(
    (kind: string) =>
      send<Static<typeof Replayed>>("POST", "/deliveries/replay", { connectionId: id, kind, reason: "unknown-kind" }),
    {
      done: ({ replayed, goesOn }) =>
        goesOn
          ? "Those that were kept go through once more, in the background."
          : `${formatNumber(replayed)} that were kept go through once more.`,
    },
  );
  const { items, isMore } = live.data?.unknownKinds ?? { items: [], isMore: false };
  if (items.length === 0) return null;
  return (
    <Alert
      color="gray"
      variant="light"
      icon={<IconQuestionMark aria-hidden />}
      title="Kinds that Plumbline does not know"
    >
      <Text size="sm" mb="xs">
        They are kept and not recorded. Switched on, they become plain events from now on; those already kept can be
        replayed.
      </Text>
      <Stack gap={6}>
        {items.map(({ kind, isRecorded, kept }) => (
          <Group key={kind} gap="sm">
            <Switch
              label={<span className="mono">{kind}</span>}
              checked={isRecorded}
              disabled={!may("admin") || save.isPending}
              onChange={({ currentTarget }) => save.mutate({ kind, isRecorded: currentTarget.checked })}
            />
            {kept > 0 && (
              <Text size="sm" c="dimmed" className="number">
                {isMore ? "at least " : ""}
                {formatNumber(kept)} kept
              </Text>
            )}
            {isRecorded && kept > 0 && may("write") && (
              <Button
                size="compact-xs"
                variant="default"
                loading={replay.isPending}
                onClick={() => replay.mutate(kind)}
              >
                Replay those kept
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Alert>
  );
}

function Anonymous({ connection: { id, anonymousVisitors } }: { connection: Connection }) {
  const { may } = useMe();
  const save = useAction((how: string) => send("PATCH", `/connections/${id}`, { anonymousVisitors: how }), {
    changes: [["connections"]],
    done: (_, how) =>
      how === "record"
        ? "What anonymous visitors do counts for their accounts from now on."
        : "What anonymous visitors do is marked as filtered from now on.",
  });
  return (
    <Switch
      label="Keep what anonymous visitors do"
      description="Pendo's anonymous visitors, and ids that identify nobody (empty, null, anonymous …), never become users. On: what they do counts for their account. Off: it is marked as filtered."
      checked={anonymousVisitors === "record"}
      disabled={!may("admin") || save.isPending}
      onChange={({ currentTarget }) => save.mutate(currentTarget.checked ? "record" : "filter")}
    />
  );
}
