import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Box, Group, Table, Text } from "@mantine/core";
import { formatClock, formatNumber } from "../../parts/format.ts";
import { TableBehind } from "../../parts/table-behind.tsx";
import type { Ledger } from "./repair-section.tsx";

/** In the order in which they lie on each other; told apart by their names in the table, too. */
const states = [
  { name: "recorded", color: "var(--mantine-primary-color-filled)" },
  { name: "duplicate", color: "gray.5" },
  { name: "filtered", color: "gray.7" },
  { name: "held", color: "yellow.5" },
  { name: "parked", color: "yellow.8" },
  { name: "failed", color: "red.7" },
  { name: "refused", color: "red.9" },
  { name: "waiting", color: "blue.5" },
] as const;

type State = (typeof states)[number]["name"];

/** One bar an hour. Hours without deliveries are there, and empty. */
export function LedgerChart({ ledger, since }: { ledger: Ledger; since: string }) {
  const begin = new Date(since).getTime();
  const hours = [...Array(24).keys()].map((place) => {
    const at = new Date(begin + place * 3_600_000);
    const rows = ledger.hours.filter((one) => new Date(one.hour).getTime() === at.getTime());
    const sum = (state: State) => rows.reduce((total, row) => total + row[state], 0);
    const counts = Object.fromEntries(states.map(({ name }) => [name, sum(name)])) as Record<State, number>;
    return { hour: formatClock(at), counts };
  });
  const seen = states.filter(({ name }) => ledger[name] > 0);
  if (seen.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing was received in these 24 hours.
      </Text>
    );
  return (
    <div>
      <Box aria-hidden>
        <BarChart
          h={200}
          data={hours.map(({ hour, counts }) => ({ hour, ...counts }))}
          dataKey="hour"
          type="stacked"
          series={seen.map(({ name, color }) => ({ name, color }))}
          valueFormatter={formatNumber}
          tickLine="none"
          gridAxis="x"
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false, margin: { top: 8 } }}
          yAxisProps={{ width: 48, allowDecimals: false }}
        />
      </Box>
      <TableBehind
        label="Deliveries by hour"
        head={["Hour", "received", ...seen.map(({ name }) => name)]}
        rows={hours
          .map(({ hour, counts }) => [
            hour,
            formatNumber(states.reduce((sum, { name }) => sum + counts[name], 0)),
            ...seen.map(({ name }) => formatNumber(counts[name])),
          ])
          .reverse()}
      />
      <Table verticalSpacing={3} mt="xs" maw={360} aria-label="What became of the deliveries of 24 hours">
        <Table.Tbody>
          {seen.map(({ name, color }) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Group gap={8}>
                  <Box w={10} h={10} bdrs={2} bg={color} aria-hidden />
                  {name}
                </Group>
              </Table.Td>
              <Table.Td ta="right" className="number">
                {formatNumber(ledger[name])}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
