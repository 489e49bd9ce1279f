// A list of the API, one page at a time: the place in it is a cursor in the address.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Topic } from "../../contract/changes.ts";
import { get } from "../api/call.ts";
import { useLive } from "../api/use-live.ts";
import type { Filters } from "./use-filters.ts";

export type ListPage<Row> = { items: Row[]; next: string | null };

type Options = {
  /** What the list changes with. */
  topics?: readonly Topic[];
  /** Rows on a page. */
  limit?: number;
};

/** `hasNew`: something has come since the page was loaded, and the reader is in the middle of it; `showNew` loads it. */
export function useList<Row>(path: string, filters: Filters, { topics = [], limit = 50 }: Options = {}) {
  const client = useQueryClient();
  const queryKey = ["list", path, filters, limit];
  const [hasNew, setHasNew] = useState(false);
  const list = useQuery({
    queryKey,
    queryFn: ({ signal }) => get<ListPage<Row>>(path, { ...filters, limit }, signal),
    placeholderData: keepPreviousData,
  });
  const showNew = () => {
    setHasNew(false);
    void client.invalidateQueries({ queryKey });
  };
  useLive(topics, () => {
    if (filters.from !== undefined) return;
    // Nothing moves under the eyes of somebody who has begun to read.
    if (window.scrollY > 120) setHasNew(true);
    else showNew();
  });
  return { ...list, rows: list.data?.items, next: list.data?.next ?? null, hasNew, showNew };
}
