import { Autocomplete } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Static } from "typebox";
import type { TraitNames } from "../../contract/traits.ts";
import { get } from "../api/call.ts";
import type { Level } from "../api/records.ts";
import { useFilters } from "./use-filters.ts";

/** A trait that records have, or `trait=value`. Its names are asked for when somebody begins to choose: they are counted. */
export function TraitFilter({ level }: { level: Level }) {
  const [filters, change] = useFilters();
  const given = filters.trait ?? "";
  const [text, setText] = useState(given);
  const [isWanted, setWanted] = useState(false);
  useEffect(() => setText(given), [given]);
  const names = useQuery({
    queryKey: ["trait-names", level],
    queryFn: () => get<Static<typeof TraitNames>>("/traits", { level }),
    enabled: isWanted,
    staleTime: 600_000,
  });
  const save = useDebouncedCallback(
    (value: string) => change({ trait: value.trim() || undefined }, { replace: true }),
    300,
  );
  return (
    <Autocomplete
      size="xs"
      w={{ base: "calc(50% - 6px)", xs: 160 }}
      aria-label="Trait, or trait=value"
      placeholder="Trait, or trait=value"
      data={names.data?.items.map(({ name }) => name) ?? []}
      limit={50}
      maxLength={200}
      value={text}
      onFocus={() => setWanted(true)}
      onChange={(value) => {
        setText(value);
        save(value);
      }}
    />
  );
}
