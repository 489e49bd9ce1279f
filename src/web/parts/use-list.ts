// A list of the API, one page at a time: the place in it is a cursor in the address.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Topic } from "../../contract/changes.ts";
import { get } from "../api/call.ts";
import { useLive } from "../api/use-live.ts";
import { compareRows, type News } from "./compare-rows.ts";
import type { Filters } from "./use-filters.ts";

export type ListPage<Row> = { items: Row[]; next: string | null };

type Options = {
  /** What the list changes with. */
  topics?: readonly Topic[];
  /** Rows on a page. */
  limit?: number;
};

/** `news`: what has come since the page was loaded, while somebody reads it; `showNews` shows it. */
export function useList<Row extends { id: string }>(
  path: string,
  filters: Filters,
  { topics = [], limit = 50 }: Options = {},
) {
  const client = useQueryClient();
  const queryKey = ["list", path, filters, limit];
  const key = JSON.stringify(queryKey);
  const ask = (signal?: AbortSignal) => get<ListPage<Row>>(path, { ...filters, limit }, signal);
  const [held, setHeld] = useState<{ key: string; page: ListPage<Row>; news: News }>();
  const list = useQuery({
    queryKey,
    queryFn: ({ signal }) => ask(signal),
    placeholderData: keepPreviousData,
  });
  const show = (page: ListPage<Row>) => {
    setHeld(undefined);
    client.setQueryData(queryKey, page);
  };
  const follow = async () => {
    const page = await ask();
    const shown = client.getQueryData<ListPage<Row>>(queryKey);
    const news = compareRows(shown?.items ?? [], page.items);
    // Values change where they stand; rows move only where nobody is reading them.
    if (news === undefined || !isRead()) show(page);
    else setHeld({ key, page, news });
  };
  useLive(topics, () => {
    // What does not come now comes with the next change, or with the reader's own next step.
    if (filters.from === undefined) void follow().catch(() => {});
  });
  const waiting = held?.key === key ? held : undefined;
  return {
    ...list,
    rows: list.data?.items,
    next: list.data?.next ?? null,
    news: waiting?.news,
    showNews: () => {
      if (waiting) show(waiting.page);
    },
  };
}

/** Whether somebody is in the middle of a list, or about to click on a row of it. */
function isRead(): boolean {
  return window.scrollY > 120 || document.querySelector(".rows:hover, .rows:focus-within") !== null;
}
