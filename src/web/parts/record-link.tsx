import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { idBeside, type Level, type Named, nameOf, pathOf } from "../api/records.ts";

/** By its name; the external ID is told on pointing at it. */
export function RecordLink({ level, record }: { level: Level; record: Named | null }) {
  if (record === null)
    return (
      <Text span inherit c="dimmed">
        –
      </Text>
    );
  return (
    <Anchor
      component={Link}
      to={`${pathOf[level]}/${record.id}`}
      inherit
      c="var(--mantine-color-text)"
      className="record-link"
      title={idBeside(record)}
    >
      {nameOf(record)}
    </Anchor>
  );
}
