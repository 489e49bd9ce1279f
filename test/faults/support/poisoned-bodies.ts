// Bodies as Pendo sends them, each with one value replaced by JSON text that somebody chose to do harm.
import { createEnvelope } from "./deliveries.ts";

export type Field = {
  name: string;
  /** Whether the value is an id of a person or company, or of the delivery: none may be folded with another. */
  id?: "visitor" | "account" | "unique";
  /** Puts JSON text into a body; undefined where it does not fit (a key can only be a string). */
  write: (json: string, marker: string) => string | undefined;
};

const place = "@place@";

function createField(
  name: string,
  event: string,
  properties: unknown,
  envelope: Record<string, unknown> = {},
  id?: Field["id"],
): Field {
  return {
    name: `${name} of ${event}`,
    ...(id && { id }),
    write(json, marker) {
      const body = JSON.stringify(createEnvelope(marker, { event, properties, ...envelope }));
      return body.replace(`"${place}"`, () => json);
    },
  };
}

/** A value that becomes the name of a property. */
function createKeyField(name: string, event: string, properties: unknown): Field {
  const { write } = createField(name, event, properties);
  return {
    name: `${name} of ${event}`,
    write: (json, marker) => (json.startsWith('"') ? write(`{${json}:1}`, marker) : undefined),
  };
}

const guide = {
  guideId: "guide",
  guideProperties: { id: "guide", name: "Guide", steps: [{ id: "s" }] },
  guideStepId: "s",
};
const track = { name: "Exported", eventProperties: { value: 1 } };
const nps = { ...guide, nps: { rating: 7, reason: "Good", source: "web" } };
const poll = { ...guide, pollId: "poll", pollType: "PickList", pollResponse: "fine" };

export const fields: readonly Field[] = [
  createField("event", place, track),
  createField("visitorId", "trackEventReceived", track, { visitorId: place }, "visitor"),
  createField("accountId", "trackEventReceived", track, { accountId: place }, "account"),
  createField("uniqueId", "trackEventReceived", track, { uniqueId: place }, "unique"),
  createField("timestamp", "trackEventReceived", track, { timestamp: place }),
  createField("userAgent", "trackEventReceived", track, { userAgent: place }),
  createField("subscription", "trackEventReceived", track, { subscription: place }),
  createField("app", "trackEventReceived", track, { app: place }),
  createField("app.id", "trackEventReceived", track, { app: { id: place, name: "App" } }),
  createField("properties", "trackEventReceived", place),
  createField("name", "trackEventReceived", { ...track, name: place }),
  createField("eventProperties", "trackEventReceived", { ...track, eventProperties: place }),
  createField("eventProperties.value", "trackEventReceived", { ...track, eventProperties: { value: place } }),
  createKeyField("a key", "trackEventReceived", { ...track, eventProperties: place }),
  createField("guideId", "guideDisplayed", { ...guide, guideId: place }),
  createField("guideProperties", "guideDisplayed", { ...guide, guideProperties: place }),
  createField("guideProperties.name", "guideDisplayed", { ...guide, guideProperties: { name: place } }),
  createField("guideProperties.steps", "guideDisplayed", { ...guide, guideProperties: { steps: place } }),
  createField("guideStepId", "guideDisplayed", { ...guide, guideStepId: place }),
  createField("language", "guideDisplayed", { ...guide, language: place }),
  createField("visitorId", "npsSubmitted", nps, { visitorId: place }, "visitor"),
  createField("accountId", "npsSubmitted", nps, { accountId: place }, "account"),
  createField("uniqueId", "npsSubmitted", nps, { uniqueId: place }, "unique"),
  createField("guideId", "npsSubmitted", { ...nps, guideId: place }),
  createField("nps", "npsSubmitted", { ...guide, nps: place }),
  createField("nps.rating", "npsSubmitted", { ...guide, nps: { ...nps.nps, rating: place } }),
  createField("nps.reason", "npsSubmitted", { ...guide, nps: { ...nps.nps, reason: place } }),
  createField("nps.source", "npsSubmitted", { ...guide, nps: { ...nps.nps, source: place } }),
  createField("guideProperties.name", "npsSubmitted", { ...nps, guideProperties: { name: place } }),
  createField("visitorId", "pollSubmitted", poll, { visitorId: place }, "visitor"),
  createField("pollResponse", "pollSubmitted", { ...poll, pollResponse: place }),
  createField("pollResponses", "pollSubmitted", { ...guide, pollResponses: place }),
  createField("one of pollResponses", "pollSubmitted", { ...guide, pollResponses: [{ pollId: "p", response: place }] }),
  createField("pollId", "pollSubmitted", { ...poll, pollId: place }),
  createField("pollType", "pollSubmitted", { ...poll, pollType: place }),
  createField("question", "pollSubmitted", { ...guide, poll: { id: "p", question: place, response: 1 } }),
  createField("choices", "pollSubmitted", {
    ...guide,
    choices: place,
    pollResponses: Array.from({ length: 300 }, () => ({ value: 1 })),
  }),
  createKeyField("an answer's poll id", "pollSubmitted", { ...guide, polls: place }),
  createField("something unknown", "pollSubmitted", { ...guide, whatever: place }),
  createField("properties", "visitorCreated", place),
  createField("properties", "accountCreated", place),
  createField("properties", "npsSubmitted", place),
  createField("properties", "pollSubmitted", place),
  {
    name: "a list with the value beside a good object",
    write: (json, marker) => `[${JSON.stringify(createEnvelope(marker, { properties: track }))},${json}]`,
  },
  { name: "the whole body", write: (json) => json },
];
