import { queryOptions } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { ConnectionList, Connection as ConnectionSchema } from "../../contract/connections.ts";
import type { ConnectionLive } from "../../contract/live.ts";
import { get } from "./call.ts";

export type Connection = Static<typeof ConnectionSchema>;

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: () => get<Static<typeof ConnectionList>>("/connections"),
});

export const connectionQuery = (id: string) =>
  queryOptions({ queryKey: ["connections", id], queryFn: () => get<Connection>(`/connections/${id}`) });

/** As it is now: what arrives, of which kind, and what is left to set up. */
export const liveQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", id, "live"],
    queryFn: () => get<ConnectionLive>(`/connections/${id}/live`),
  });

type LiveState = ConnectionLive["state"];

/** At a glance, as a list needs it. Quiet: nothing for a day where there used to be. `liveQuery` knows samples from deliveries. */
export function readLiveState({ state, lastDeliveryAt }: Connection): LiveState {
  if (state === "off") return "off";
  if (lastDeliveryAt === null) return "waiting";
  return Date.now() - new Date(lastDeliveryAt).getTime() < 86_400_000 ? "receiving" : "quiet";
}

export const liveSays: Record<LiveState, string> = {
  off: "What arrives is kept as held, and nothing is recorded.",
  waiting: "Waiting for the first delivery.",
  receiving: "Deliveries arrive.",
  quiet: "Nothing has arrived for a day.",
};

export const regions: { value: Connection["region"]; label: string }[] = [
  { value: "us", label: "US" },
  { value: "us1", label: "US1" },
  { value: "eu", label: "EU" },
  { value: "jpn", label: "Japan" },
  { value: "au", label: "Australia" },
];
