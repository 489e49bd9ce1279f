// The one bar of filters above a list. Each field writes itself into the address.
import { Button, Group, Pill, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconSearch, IconX } from "@tabler/icons-react";
import { Children, type ReactNode, useEffect, useState } from "react";
import { formatTime } from "./format.ts";
import { useFilters } from "./use-filters.ts";

type Choice = { value: string; label: string };

export function FilterBar({ children, names }: { children: ReactNode; names: readonly string[] }) {
  const [filters, change] = useFilters();
  const [isOpen, { toggle }] = useDisclosure(false);
  const count = names.filter((name) => filters[name]).length;
  const isFiltered = count > 0;
  return (
    <Group gap="xs" role="search" aria-label="Filters" className="filters" data-open={isOpen || undefined}>
      {children}
      {/* On a narrow screen the first of them is shown, and the others when they are wanted. */}
      {Children.count(children) > 1 && (
        <Button
          size="xs"
          variant="default"
          className="filters-more"
          aria-expanded={isOpen}
          leftSection={<IconAdjustmentsHorizontal size={14} aria-hidden />}
          onClick={toggle}
        >
          {isOpen ? "Fewer filters" : isFiltered ? `Filters (${count})` : "Filters"}
        </Button>
      )}
      {isFiltered && (
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() => change(Object.fromEntries(names.map((name) => [name, undefined])))}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}

export function TextFilter({ name, label }: { name: string; label: string }) {
  const [filters, change] = useFilters();
  const given = filters[name] ?? "";
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
  const save = useDebouncedCallback(
    (value: string) => change({ [name]: value.trim() || undefined }, { replace: true }),
    300,
  );
  return (
    <TextInput
      size="xs"
      w={{ base: "100%", xs: 210 }}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      maxLength={200}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        save(currentTarget.value);
      }}
    />
  );
}

export function ChoiceFilter({
  name,
  label,
  choices,
}: {
  name: string;
  label: string;
  choices: readonly (Choice | string)[];
}) {
  const [filters, change] = useFilters();
  const value = filters[name] ?? null;
  const known = choices.map((one) => (typeof one === "string" ? { value: one, label: one } : one));
  // A link may carry a choice that nothing has any more.
  const data = value === null || known.some((one) => one.value === value) ? known : [...known, { value, label: value }];
  return (
    <Select
      size="xs"
      w={{ base: "calc(50% - 6px)", xs: 150 }}
      aria-label={label}
      placeholder={label}
      data={data}
      value={value}
      clearable
      searchable={data.length > 8}
      clearButtonProps={{ "aria-label": `Clear ${label}` }}
      onChange={(next) => change({ [name]: next ?? undefined })}
    />
  );
}

type GivenProps = { names: Readonly<Record<string, string>> };

/** What a link has narrowed the list to, and what has no field: said, and taken out with a click. */
export function GivenFilters({ names }: GivenProps) {
  const [filters, change] = useFilters();
  const given = Object.entries(names).filter(([name]) => filters[name]);
  return given.map(([name, label]) => (
    <Pill
      key={name}
      withRemoveButton
      onRemove={() => change({ [name]: undefined })}
      removeButtonProps={{ "aria-label": `Take out: ${label}`, "aria-hidden": false, tabIndex: 0 }}
    >
      {label} {isTime.test(filters[name] ?? "") ? formatTime(filters[name] ?? "") : filters[name]}
    </Pill>
  ));
}

const isTime = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

const ranges = [
  { value: "1", label: "Last 24 hours" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "365", label: "Last year" },
];

/** Days back from now. The address carries `days`; `toRange` makes the API's `since` of it. */
export function RangeFilter({ label = "Any time" }: { label?: string }) {
  return <ChoiceFilter name="days" label={label} choices={ranges} />;
}

/** Steady for a minute, so that the same list is not asked for anew with every drawing. */
export function toRange(days: string | undefined): { since?: string } {
  if (days === undefined || !(Number(days) > 0)) return {};
  const minute = 60_000;
  const now = Math.floor(Date.now() / minute) * minute;
  return { since: new Date(now - Number(days) * 86_400_000).toISOString() };
}
