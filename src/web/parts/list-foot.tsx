import { Button, Group } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useFilters } from "./use-filters.ts";

/** To the next page and back. Cursors go forward only, so back is where the reader came from. */
export function ListFoot({ next }: { next: string | null }) {
  const [filters, change] = useFilters();
  const { history } = useRouter();
  if (next === null && filters.from === undefined) return null;
  return (
    <Group justify="space-between" px="md" py="sm" component="nav" aria-label="Pages of the list">
      {filters.from === undefined ? (
        <span />
      ) : (
        <Group gap="xs">
          <Button size="xs" variant="subtle" color="gray" onClick={() => change({ from: undefined })}>
            First page
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconChevronLeft size={14} aria-hidden />}
            onClick={() => history.back()}
          >
            Back
          </Button>
        </Group>
      )}
      {next !== null && (
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronRight size={14} aria-hidden />}
          onClick={() => change({ from: next })}
        >
          Next page
        </Button>
      )}
    </Group>
  );
}
