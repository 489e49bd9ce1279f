import type { Guide, JsonObject, Step } from "../world/types.ts";

/** Dates in epoch milliseconds, unlike the envelope's timestamp. */
export function createGuideProperties(guide: Guide, step: Step, language: string): JsonObject {
  return {
    guideId: guide.id,
    guideProperties: {
      createdAt: guide.createdAt,
      createdByUser: guide.createdByUser,
      id: guide.id,
      lastUpdatedAt: guide.lastUpdatedAt,
      lastUpdatedByUser: guide.lastUpdatedByUser,
      name: guide.name,
      steps: guide.steps.map(({ id, lastUpdatedAt, resetAt, type }) => ({ id, lastUpdatedAt, resetAt, type })),
    },
    guideStepId: step.id,
    language,
  };
}
