import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../world/types.ts";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, createAsk } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
let simulator: PendoSimulator;
let ask: Ask;

beforeAll(async () => {
  simulator = await startPendoSimulator({
    seed: "7",
    now,
    days: 30,
    count: 6000,
    accounts: 60,
    visitors: 600,
    isClockRunning: false,
  });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

describe("the answer", () => {
  const body = (pipeline: Json, response: Json = { mimeType: "application/json" }) => ({
    response,
    request: { pipeline },
  });
  const answer = async (json: Json) => ask("/api/v1/aggregation", { body: json });

  test("says where a time series begins; no rows are null", async () => {
    const timeSeries = { period: "dayRange", first: "date(2020, 1, 1)", count: 1 };
    expect((await answer(body([{ source: { pollEvents: null, timeSeries } }]))).json).toEqual({
      startTime: Date.UTC(2020, 0, 1),
      results: null,
    });
    expect((await answer(body([{ source: { visitors: null } }, { filter: "false" }], {}))).json).toEqual({
      results: null,
    });
    expect((await answer(body([{ source: { const: [{ a: 1 }] } }], null))).json).toEqual({ results: [{ a: 1 }] });
  });

  test.each<[string, Json, string]>([
    [
      "a bad filter",
      body([{ source: { visitors: null } }, { filter: "visitorId = 1" }]),
      "Cannot parse filter expression",
    ],
    ["two sources at once", body([{ source: { visitors: null, accounts: null } }]), "only a single source is allowed"],
    [
      "two sources in a row",
      body([{ source: { visitors: null } }, { source: { accounts: null } }]),
      "only a single source is allowed",
    ],
    ["an unknown source", body([{ source: { planets: null } }]), "unknown source planets"],
    ["events without a time", body([{ source: { pollEvents: null } }]), "source pollEvents requires a timeSeries"],
    ["a poll without its id", body([{ source: { pollsSeenEver: { guideId: "x" } } }]), "pollsSeenEver.pollId"],
    ["a bad appId", body([{ source: { guides: { appId: "(" } } }]), "Cannot parse appId expression"],
    [
      "an unknown blacklist",
      body([
        { source: { pollEvents: { blacklist: "maybe" }, timeSeries: { period: "dayRange", first: 0, count: 1 } } },
      ]),
      "blacklist must be",
    ],
    ["no pipeline", { request: {} }, "pipeline must be a list"],
    ["no request", {}, "request must be an object"],
    ["a list", [], "the body must be an object"],
    ["another type", body([{ source: { visitors: null } }], { mimeType: "text/csv" }), "unsupported mimeType text/csv"],
  ])("400 for %s", async (_name, json, message) => {
    const { status, json: error } = await answer(json);
    expect(status).toBe(400);
    expect(error.error).toContain(message);
  });

  test("400 for a body that is no JSON, 403 without a key, 404 for another method", async () => {
    expect((await ask("/api/v1/aggregation", { body: "{" })).status).toBe(400);
    expect((await ask("/api/v1/aggregation", { body: {}, key: null })).status).toBe(403);
    expect((await ask("/api/v1/aggregation")).status).toBe(404);
  });

  test("413 for a body beyond reason", async () => {
    const ids = `visitorId == "${"x".repeat(11 * 1024 * 1024)}"`;
    expect((await answer(body([{ source: { visitors: null } }, { filter: ids }]))).status).toBe(413);
  });
});
