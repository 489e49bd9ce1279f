// A record to filter by, found by its name as it is typed: there may be a million of them.
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../api/call.ts";
import { idBeside, type Level, type Named, nameOf, pathOf } from "../api/records.ts";
import { useFilters } from "./use-filters.ts";

type RecordFilterProps = { level: Level; label: string; name?: string };

/** The address carries the record's id; a link with an external ID does as well. */
export function RecordFilter({ level, label, name = level }: RecordFilterProps) {
  const [filters, change] = useFilters();
  const value = filters[name] ?? null;
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const chosen = useQuery({
    queryKey: ["record", level, value],
    queryFn: () => get<Named>(`${pathOf[level]}/${encodeURIComponent(value ?? "")}`),
    enabled: value !== null,
    retry: false,
  });
  const shown = value === null ? "" : chosen.data ? nameOf(chosen.data) : value;
  const [wanted] = useDebouncedValue(typed === shown ? "" : typed.trim(), 200);
  const found = useQuery({
    queryKey: ["record-choices", level, wanted],
    queryFn: ({ signal }) => get<{ items: Named[] }>(pathOf[level], { q: wanted, sort: "name", limit: 20 }, signal),
    enabled: isOpen,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const choices = (found.data?.items ?? []).map((record) => {
    const id = idBeside(record);
    return { value: record.id, label: id === undefined ? nameOf(record) : `${nameOf(record)} (${id})` };
  });
  const isAmong = choices.some((one) => one.value === value);
  return (
    <Select
      size="xs"
      w={{ base: "calc(50% - 6px)", xs: 160 }}
      aria-label={label}
      placeholder={label}
      data={value === null || isAmong ? choices : [{ value, label: shown }, ...choices]}
      value={value}
      searchable
      clearable
      clearButtonProps={{ "aria-label": `Clear ${label}` }}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      onSearchChange={setTyped}
      // The API has looked already, in names, external IDs and e-mails.
      filter={({ options }) => options}
      nothingFoundMessage={found.error ? found.error.message : found.isFetching ? "Searching…" : "None begins so"}
      onChange={(next) => change({ [name]: next ?? undefined })}
    />
  );
}
