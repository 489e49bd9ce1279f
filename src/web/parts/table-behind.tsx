import { Box, Table } from "@mantine/core";
import { useState } from "react";

type TableBehindProps = {
  /** What the table is of. */
  label: string;
  head: readonly string[];
  /** As they are read; the first cell names the row. */
  rows: readonly (readonly string[])[];
};

/** The numbers of a picture, for whoever wants them exactly or does not see it. */
export function TableBehind({ label, head, rows }: TableBehindProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="behind" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <Box mah={280} mt={4} style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label={label}>
          <Table verticalSpacing={3} fz="sm" stickyHeader aria-label={label}>
            <Table.Thead>
              <Table.Tr>
                {head.map((name, place) => (
                  <Table.Th key={name} ta={place === 0 ? undefined : "right"} className="nowrap">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(([name = "", ...cells]) => (
                <Table.Tr key={name}>
                  <Table.Th fw={400} className="nowrap">
                    {name}
                  </Table.Th>
                  {cells.map((cell, place) => (
                    <Table.Td key={head[place + 1]} ta="right" className="number">
                      {cell}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </details>
  );
}
