import { useSuspenseQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Me as MeSchema } from "../../contract/members.ts";
import { get } from "./call.ts";

export type Me = Static<typeof MeSchema>;
export type Scope = "read" | "write" | "admin";

export const meQuery = { queryKey: ["me"], queryFn: () => get<Me>("/me"), staleTime: 60_000 };

/** Who looks, and what they may do in the workspace they look at. */
export function useMe(): Me & {
  workspace: Me["workspaces"][number] | undefined;
  may: (scope: Scope) => boolean;
} {
  const { data: me } = useSuspenseQuery(meQuery);
  const workspace = me.workspaces.find(({ id }) => id === me.workspaceId);
  return { ...me, workspace, may: (scope) => me.scopes.includes(scope) };
}
