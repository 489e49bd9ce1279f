// Traits by source, with their age; each value's history on a click.
import { Anchor, Group, Modal, Skeleton, Stack, Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Static } from "typebox";
import type { TraitHistory, TraitList } from "../../../contract/traits.ts";
import { get } from "../../api/call.ts";
import { type Level, pathOf } from "../../api/records.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatDay, formatTime } from "../../parts/format.ts";
import { Section } from "../../parts/section.tsx";

type Trait = Static<typeof TraitList>["items"][number];

export function Traits({ level, id }: { level: Level; id: string }) {
  const key = ["traits", level, id];
  const traits = useQuery({
    queryKey: key,
    queryFn: () => get<Static<typeof TraitList>>(`${pathOf[level]}/${id}/traits`),
  });
  useLiveQueries(["traits"], [key]);
  const [open, setOpen] = useState<Trait>();
  const current = traits.data?.items.filter(({ type }) => type !== null) ?? [];
  const sources = [...new Set(current.map(({ sourceName }) => sourceName))];
  return (
    <Section title="Traits">
      {traits.error && !traits.data ? (
        <Failed error={traits.error} again={() => void traits.refetch()} />
      ) : !traits.data ? (
        <Skeleton height={120} />
      ) : current.length === 0 ? (
        <Text size="sm" c="dimmed">
          None yet. They come from Pendo's reports, imports and the API.
        </Text>
      ) : (
        <Stack>
          {sources.map((source) => (
            <Source
              key={source}
              name={source}
              traits={current.filter(({ sourceName }) => sourceName === source)}
              onOpen={setOpen}
            />
          ))}
        </Stack>
      )}
      {open && <History level={level} id={id} trait={open} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

function Source({ name, traits, onOpen }: { name: string; traits: readonly Trait[]; onOpen: (trait: Trait) => void }) {
  const [first] = traits;
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed" mb={2}>
        {first?.reportId ? (
          <Anchor component={Link} to={`/settings/reports/${first.reportId}`} inherit c="dimmed">
            {name}
          </Anchor>
        ) : (
          name
        )}
      </Text>
      <Table verticalSpacing={3} horizontalSpacing={0} layout="fixed" aria-label={`Traits of ${name}`}>
        <Table.Tbody>
          {traits.map((trait) => (
            <Table.Tr key={trait.name}>
              <Table.Th fw={400} w="45%">
                <Text size="sm" c="dimmed">
                  {trait.name}
                </Text>
              </Table.Th>
              <Table.Td>
                <UnstyledButton onClick={() => onOpen(trait)} w="100%" className="opens-more">
                  <VisuallyHidden>{trait.name}: </VisuallyHidden>
                  <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
                    <Text
                      size="sm"
                      lineClamp={2}
                      c={trait.shown ? undefined : "dimmed"}
                      td={trait.shown ? undefined : "line-through"}
                    >
                      {showValue(trait.value)}
                    </Text>
                    <Text size="xs" c="dimmed" flex="none" visibleFrom="xs">
                      <Ago at={trait.readAt} />
                    </Text>
                  </Group>
                  {!trait.shown && (
                    <Text size="xs" c="dimmed">
                      another source stands for it
                    </Text>
                  )}
                  <VisuallyHidden>, its history</VisuallyHidden>
                </UnstyledButton>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function History({ level, id, trait, onClose }: { level: Level; id: string; trait: Trait; onClose: () => void }) {
  const history = useQuery({
    queryKey: ["trait-history", level, id, trait.name, trait.source],
    queryFn: () =>
      get<Static<typeof TraitHistory>>(`${pathOf[level]}/${id}/traits/${encodeURIComponent(trait.name)}/history`, {
        source: trait.source,
        limit: 100,
      }),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={<Text fw={650}>{trait.name}</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        From {trait.sourceName}
      </Text>
      {history.error && <Failed error={history.error} again={() => void history.refetch()} />}
      {history.isPending && <Skeleton height={80} />}
      <Table verticalSpacing={4} aria-label="Its values">
        <Table.Tbody>
          {history.data?.items.map(({ readAt, newValue }) => (
            <Table.Tr key={readAt}>
              <Table.Td>
                {newValue === null ? (
                  <Text c="dimmed" size="sm">
                    cleared
                  </Text>
                ) : (
                  showValue(newValue)
                )}
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" c="dimmed" className="nowrap">
                  {formatTime(readAt)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

/** A value as a person reads it. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return new Intl.NumberFormat(undefined, { maximumFractionDigits: 10 }).format(value);
  if (typeof value === "string")
    return /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)) ? formatDay(value) : value;
  if (Array.isArray(value)) return value.map(showValue).join(", ");
  return JSON.stringify(value);
}
