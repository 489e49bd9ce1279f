// What there is to filter by: kinds, guides and apps that were seen.
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Apps, EventKinds, Guides } from "../../contract/numbers.ts";
import { nameKind } from "../parts/kinds.ts";
import { get } from "./call.ts";

type Choice = { value: string; label: string };
const fresh = 60_000;

export function useKinds(): Choice[] {
  const kinds = useQuery({
    queryKey: ["event-kinds"],
    queryFn: () => get<Static<typeof EventKinds>>("/event-kinds"),
    staleTime: fresh,
  });
  return (kinds.data?.items ?? []).map(({ kind }) => ({ value: kind, label: nameKind(kind) }));
}

export function useGuides(of: "events" | "npsResponses"): Choice[] {
  const guides = useQuery({
    queryKey: ["guides"],
    queryFn: () => get<Static<typeof Guides>>("/guides"),
    staleTime: fresh,
  });
  return (guides.data?.items ?? []).filter((one) => one[of]).map(({ id, name }) => ({ value: id, label: name ?? id }));
}

export function useApps(): Choice[] {
  const apps = useQuery({ queryKey: ["apps"], queryFn: () => get<Static<typeof Apps>>("/apps"), staleTime: fresh });
  return (apps.data?.items ?? []).map(({ id }) => ({ value: id, label: `App ${id}` }));
}
