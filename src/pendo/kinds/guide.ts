// What guides, polls and NPS share: which guide, which step. Who made the guide at the customer's is not kept: it is
// personal data of people who are nobody's users here.
import { isJsonObject, type JsonObject } from "../../platform/json.ts";

export type Guide = {
  guideId: string | null;
  guideName: string | null;
  guideStepId: string | null;
  /** Readable properties: guide, step n of m, language. */
  described: JsonObject;
  /** Polls that the guide describes, where it does. */
  polls: readonly JsonObject[];
  /** What stood beside them. */
  rest: JsonObject;
};

export function readGuide(properties: JsonObject): Guide {
  const { guideId: ownId, guideProperties: details, guideStepId, language, ...rest } = properties;
  const guide = isJsonObject(details) ? details : {};
  const guideId = readText(ownId) ?? readText(guide.id);
  const guideName = readText(guide.name) ?? readText(rest.guideName);
  const stepId = readText(guideStepId);
  const steps = Array.isArray(guide.steps) ? guide.steps.filter(isJsonObject) : [];
  const step = stepId === null ? -1 : steps.findIndex((candidate) => readText(candidate.id) === stepId);
  const described: JsonObject = {};
  // What is not of the type it should be stays as it came.
  if (guideId !== null || ownId) described.guideId = guideId ?? ownId!;
  if (guideName !== null) described.guideName = guideName;
  if (guideStepId) described.guideStepId = stepId ?? guideStepId;
  if (details && !isJsonObject(details)) described.guideProperties = details;
  if (step >= 0) described.step = step + 1;
  if (steps.length > 0) described.steps = steps.length;
  if (language !== undefined) described.language = language;
  const polls = [guide, ...steps].flatMap((one) => (Array.isArray(one.polls) ? one.polls.filter(isJsonObject) : []));
  return { guideId, guideName, guideStepId: stepId, described, polls, rest };
}

export function readText(value: unknown): string | null {
  if (typeof value === "string" && value.trim() !== "") return value;
  return typeof value === "number" ? String(value) : null;
}
