// Filters stand in the address: a link shows the same list, and the browser's back goes back through them.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Filters = Record<string, string | undefined>;

export function useFilters(): [Filters, (changes: Filters, how?: { replace?: boolean }) => void] {
  const filters = useSearch({ strict: false }) as Filters;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Filters, { replace = false }: { replace?: boolean } = {}) =>
      void navigate({
        to: ".",
        // Another list begins at its first page, unless it is the page that is changed.
        search: (before: Filters) => ({ ...before, from: undefined, ...changes }),
        replace,
        resetScroll: false,
      } as never),
    [navigate],
  );
  return [filters, change];
}
