import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Level, pathOf } from "../api/records.ts";

type Named = { id: string; externalId: string; name?: string | null } | null;

export function RecordLink({ level, record }: { level: Level; record: Named }) {
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
    >
      {record.name ?? record.externalId}
    </Anchor>
  );
}
