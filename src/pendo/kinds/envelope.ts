// The envelope of Pendo's published samples, to build samples from. Values are invented.
import type { JsonObject } from "../../platform/json.ts";

export function createSample(event: string, uniqueId: string, properties: JsonObject): JsonObject {
  return {
    app: { id: -323232, name: "test_application", platform: "web" },
    accountId: "acme-1",
    subscription: { id: 4802463602049999, name: "test_application" },
    userAgent:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.164 Safari/537.36",
    event,
    properties,
    timestamp: 1626804431,
    visitorId: "user-1",
    uniqueId,
  };
}

export function createGuideSample(name: string, stepIds: readonly string[]): JsonObject {
  return {
    guideId: "Kg92trd4yOzpDb2inI5eTOdcR0U",
    guideProperties: {
      createdAt: 1615411012615,
      createdByUser: { username: "pendo-user@example.com" },
      id: "Kg92trd4yOzpDb2inI5eTOdcR0U",
      lastUpdatedAt: 1618322253073,
      lastUpdatedByUser: { username: "pendo-user@example.com" },
      name,
      steps: stepIds.map((id) => ({
        id,
        lastUpdatedAt: 1618322251476,
        resetAt: 1617633741117,
        type: "building-block",
      })),
    },
    guideStepId: stepIds[0] ?? "",
    language: "en-US",
  };
}
