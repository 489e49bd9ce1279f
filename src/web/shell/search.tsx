// ⌘K: pages at once; accounts, users, organizations and guides as they are typed.

import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { get } from "../api/call.ts";
import { idBeside, nameOf } from "../api/records.ts";
import { useEntries } from "./navigation.tsx";

export function Search() {
  const [query, setQuery] = useState("");
  const [wanted] = useDebouncedValue(query.trim(), 150);
  const navigate = useNavigate();
  const entries = useEntries();
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => get<{ items: Hit[] }>("/search", { q: wanted }, signal),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
  });
  const pages: SpotlightActionData[] = entries
    .filter(({ name }) => name.toLowerCase().includes(query.trim().toLowerCase()))
    .map(({ to, name, icon: Sign }) => ({
      id: to,
      label: name,
      leftSection: <Sign size={18} aria-hidden />,
      onClick: () => void navigate({ to }),
    }));
  const hits: SpotlightActionData[] =
    wanted === ""
      ? []
      : (found.data?.items ?? []).map((hit) => {
          const record = { name: hit.name, externalId: hit.externalId ?? hit.id };
          return {
            id: `${hit.type} ${hit.id}`,
            label: nameOf(record),
            description: [hit.type, hit.externalId !== null && idBeside(record)].filter(Boolean).join(" · "),
            onClick: () => void navigate(addressOf(hit)),
          };
        });
  const actions: SpotlightActionGroupData[] = [
    { group: "Found", actions: hits },
    { group: "Pages", actions: pages },
  ].filter((group) => group.actions.length > 0);
  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      filter={(_, given) => given}
      shortcut="mod + K"
      nothingFound={found.isFetching ? "Searching…" : `Nothing is called “${query}”.`}
      title="Search"
      classNames={{ header: "unseen" }}
      highlightQuery
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: "Accounts, users, guides, pages",
        "aria-label": "Search",
      }}
    />
  );
}

type Hit = {
  type: "account" | "user" | "organization" | "guide";
  id: string;
  name: string | null;
  externalId: string | null;
};

function addressOf({ type, id }: Hit): { to: string; search?: Record<string, string> } {
  if (type === "guide") return { to: "/nps", search: { guide: id } };
  return { to: `/${type}s/${encodeURIComponent(id)}` };
}
