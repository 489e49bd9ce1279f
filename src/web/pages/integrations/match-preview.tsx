// What a mapping would do, before it is saved: a bar for visitors and one for accounts, with examples, and what would move.
import { Accordion, Alert, Box, Group, Progress, Stack, Table, Text } from "@mantine/core";
import { formatNumber } from "../../parts/format.ts";
import type { Preview } from "./who-section.tsx";

type People = Preview["visitors"];

export function MatchPreview({ preview, isBusy }: { preview: Preview; isBusy: boolean }) {
  const creates = preview.missingRecords === "create";
  const { facts, records } = preview;
  const moved = facts.events.move + facts.npsResponses.move + facts.pollResponses.move;
  const parked = facts.events.park + facts.npsResponses.park + facts.pollResponses.park;
  return (
    <Box
      bd="1px solid var(--mantine-color-default-border)"
      bdrs="md"
      p="md"
      opacity={isBusy ? 0.6 : 1}
      aria-live="polite"
    >
      <Stack>
        {preview.trouble && (
          <Alert color="yellow" variant="light">
            {preview.trouble} What is shown comes from deliveries alone.
          </Alert>
        )}
        <Bar title="Visitors" people={preview.visitors} creates={creates} />
        <Bar title="Accounts" people={preview.accounts} creates={creates} />
        <Text size="sm">
          Applied to what is already here, <b className="number">{formatNumber(moved)}</b> facts would get another
          owner, and <b className="number">{formatNumber(parked)}</b> would be parked until they can be matched. It
          would make {formatNumber(records.users.created)} users, {formatNumber(records.accounts.created)} accounts and{" "}
          {formatNumber(records.organizations.created)} organizations, and{" "}
          {formatNumber(records.users.removed.count + records.accounts.removed.count)} that nothing uses any more would
          go.
        </Text>
      </Stack>
    </Box>
  );
}

function Bar({ title, people, creates }: { title: string; people: People; creates: boolean }) {
  const parts = [
    { name: "linked to a record", group: people.linked, color: "var(--mantine-primary-color-filled)" },
    { name: creates ? "a record would be made" : "no record: parked", group: people.withoutRecord, color: "blue.6" },
    { name: "no value in the field", group: people.noValue, color: "yellow.7" },
    { name: "nobody (anonymous, empty …)", group: people.nobody, color: "gray.5" },
    { name: "unknown to Pendo", group: people.unknown, color: "orange.8" },
  ];
  const total = parts.reduce((sum, { group }) => sum + group.count, 0);
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="sm" c="dimmed" className="number">
          {formatNumber(total)}
        </Text>
      </Group>
      {total > 0 && (
        <Progress.Root size={14} aria-hidden>
          {parts.map(({ name, group, color }) => (
            <Progress.Section key={name} value={(100 * group.count) / total} color={color} />
          ))}
        </Progress.Root>
      )}
      <Table verticalSpacing={3} mt={6} aria-label={`${title} under this mapping`}>
        <Table.Tbody>
          {parts
            .filter(({ group }) => group.count > 0)
            .map(({ name, group, color }) => (
              <Table.Tr key={name}>
                <Table.Td w={16} px={0}>
                  <Box w={10} h={10} bdrs={2} bg={color} aria-hidden />
                </Table.Td>
                <Table.Td>{name}</Table.Td>
                <Table.Td ta="right" className="number" w={90}>
                  {formatNumber(group.count)}
                </Table.Td>
                <Table.Td>
                  <Text size="xs" c="dimmed" lineClamp={1} className="mono">
                    {group.examples
                      .slice(0, 3)
                      .map(({ pendoId, externalId }) =>
                        externalId === null || externalId === pendoId ? pendoId : `${pendoId} → ${externalId}`,
                      )
                      .join(", ")}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
      {people.collide.count > 0 && (
        <Accordion variant="contained" mt="xs">
          <Accordion.Item value="collide">
            <Accordion.Control>
              <Text size="sm" fw={550}>
                {formatNumber(people.collide.count)} share their external ID with another
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Stack gap={4}>
                {people.collide.examples.map(({ externalId, count, pendoIds }) => (
                  <Text key={externalId} size="sm">
                    <span className="mono">{externalId}</span>: {formatNumber(count)} –{" "}
                    <span className="mono">{pendoIds.join(", ")}</span>
                  </Text>
                ))}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </div>
  );
}
