import { Alert, Button, Group, Stack, Switch, Table, Text } from "@mantine/core";
import { IconQuestionMark } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Delivery } from "../../../contract/api.ts";
import type { Replayed } from "../../../contract/replay.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { formatNumber } from "../../parts/format.ts";
import { knownKinds } from "../../parts/kinds.ts";
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
        {isPendo && (
          <Text size="sm" c="dimmed">
            Pendo's anonymous visitors, and ids that identify nobody (empty, null, anonymous …), never become users.
            Their events still count for their account.
          </Text>
        )}
      </Stack>
    </Section>
  );
}

function Kinds({ connection: { id, filteredKinds } }: { connection: Connection }) {
  const { may } = useMe();
  const save = useAction((kinds: string[]) => send("PATCH", `/connections/${id}`, { filteredKinds: kinds }), {
    changes: [["connections"]],
  });
  return (
    <Table verticalSpacing={5} aria-label="Kinds of events">
      <Table.Tbody>
        {knownKinds.map(({ kind, name, becomes }) => (
          <Table.Tr key={kind}>
            <Table.Td>
              <Switch
                label={name}
                checked={!filteredKinds.includes(kind)}
                disabled={!may("admin") || save.isPending}
                onChange={({ currentTarget }) =>
                  save.mutate(
                    currentTarget.checked ? filteredKinds.filter((one) => one !== kind) : [...filteredKinds, kind],
                  )
                }
              />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed">
                {becomes}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

type Deliveries = { items: Static<typeof Delivery>[] };

function UnknownKinds({ connection: { id, recordedKinds } }: { connection: Connection }) {
  const { may } = useMe();
  const seen = useQuery({
    queryKey: ["list", "/deliveries", "unknown", id],
    queryFn: () => get<Deliveries>("/deliveries", { connection: id, reason: "unknown-kind", limit: 500 }),
  });
  const counts = new Map<string, number>();
  for (const { kind } of seen.data?.items ?? []) if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const save = useAction((kinds: string[]) => send("PATCH", `/connections/${id}`, { recordedKinds: kinds }), {
    changes: [["connections"]],
  });
  const replay = useAction(
    (kind: string) =>
      send<Static<typeof Replayed>>("POST", "/deliveries/replay", { connectionId: id, kind, reason: "unknown-kind" }),
    { done: ({ replayed }) => `${formatNumber(replayed)} that were kept go through once more.` },
  );
  const kinds = [...new Set([...counts.keys(), ...recordedKinds])].sort();
  if (kinds.length === 0) return null;
  const isFull = (seen.data?.items.length ?? 0) === 500;
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
        {kinds.map((kind) => {
          const isRecorded = recordedKinds.includes(kind);
          const count = counts.get(kind) ?? 0;
          return (
            <Group key={kind} gap="sm">
              <Switch
                label={<span className="mono">{kind}</span>}
                checked={isRecorded}
                disabled={!may("admin") || save.isPending}
                onChange={({ currentTarget }) =>
                  save.mutate(
                    currentTarget.checked ? [...recordedKinds, kind] : recordedKinds.filter((one) => one !== kind),
                  )
                }
              />
              {count > 0 && (
                <Text size="sm" c="dimmed" className="number">
                  {isFull ? "at least " : ""}
                  {formatNumber(count)} kept
                </Text>
              )}
              {isRecorded && count > 0 && may("write") && (
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
          );
        })}
      </Stack>
    </Alert>
  );
}
