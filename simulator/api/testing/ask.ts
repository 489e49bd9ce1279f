// How tests ask the simulator: real requests over HTTP.
import type { Json, JsonObject } from "../../world/types.ts";
import type { PendoSimulator } from "../start-pendo-simulator.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects in an answer
type Reply = { status: number; headers: Headers; text: string; json: any };
type Question = { method?: string; body?: Json | string; key?: string | null };

export type Ask = (path: string, question?: Question) => Promise<Reply>;

export function createAsk({ url, integrationKey }: PendoSimulator): Ask {
  return async (path, { method, body, key = integrationKey } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { "content-type": "application/json", ...(key !== null && { "x-pendo-integration-key": key }) },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
}

/** Rows of an aggregation, which must succeed. */
export async function aggregate(ask: Ask, pipeline: Json[]): Promise<JsonObject[]> {
  const body = { response: { mimeType: "application/json" }, request: { requestId: "test", pipeline } };
  const { status, json, text } = await ask("/api/v1/aggregation", { body });
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return json.results ?? [];
}

export const allApps = 'expandAppIds("*")';

/** A source of events of the last days, of all apps. */
export function lastDays(source: string, days: number, parameters: JsonObject = {}): Json {
  return {
    source: {
      [source]: { appId: allApps, ...parameters },
      timeSeries: { period: "dayRange", first: `dateAdd(now(), -${days}, "days")`, last: "now()" },
    },
  };
}
