// Deliveries that tell by themselves what must come of them. Each carries a marker of its own as the id of the app, which
// Plumbline keeps beside every event, NPS and poll response: so what was recorded is counted without knowing how
// Plumbline makes its ids.
import { createHash } from "node:crypto";
import { createRandom } from "../../../simulator/random.ts";

/** What is recorded of a delivery. Written as a line of text, so that two can be compared and shown. */
export type Effect = {
  type: "event" | "nps-response";
  name: string;
  at: string;
  user: string | null;
  account: string | null;
  score: number | null;
  feedback: string | null;
  pollResponses: number;
};

export type MarkedDelivery = { marker: string; body: Buffer; effect: Effect };

/** The envelope that all share; `given` wins. */
export function createEnvelope(marker: string, given: Record<string, unknown>): Record<string, unknown> {
  return {
    app: { id: marker, name: "test_application", platform: "web" },
    accountId: "account-0",
    subscription: { id: 4802463602049999, name: "test_application" },
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
    event: "trackEventReceived",
    properties: {},
    timestamp: Math.floor(Date.now() / 1000),
    visitorId: "visitor-0",
    uniqueId: createHash("sha1").update(marker).digest("hex"),
    ...given,
  };
}

type Content = { event: string; properties: object; effect: Partial<Effect> };

/** The `index`-th delivery of a run: always the same for the same seed. */
export function createMarkedDelivery(seed: string, index: number): MarkedDelivery {
  const random = createRandom(seed, "delivery", index);
  const marker = `${seed}-${index}`;
  const visitorId = `visitor-${random.int(1, 300)}`;
  const accountId = `account-${random.int(1, 40)}`;
  const timestamp = Math.floor(Date.now() / 1000) - random.int(0, 86_400);
  const { event, properties, effect } = random.pick(contents)(marker, random.int(0, 1_000_000));
  const body = JSON.stringify(createEnvelope(marker, { visitorId, accountId, timestamp, event, properties }));
  return {
    marker,
    body: Buffer.from(body),
    effect: {
      type: "event",
      name: "",
      at: new Date(timestamp * 1000).toISOString(),
      user: visitorId,
      account: accountId,
      score: null,
      feedback: null,
      pollResponses: 0,
      ...effect,
    },
  };
}

/** One survey for each delivery: their parts are put together elsewhere (order-property.ts), here each stands alone. */
const guideOf = (marker: string) => ({
  guideId: `guide-${marker}`,
  guideProperties: { id: `guide-${marker}`, name: "Quarterly survey", steps: [{ id: "step-1" }] },
  guideStepId: "step-1",
  language: "en-US",
});

const contents: ((marker: string, number: number) => Content)[] = [
  (marker, number) => ({
    event: "trackEventReceived",
    properties: { name: `Report ${number % 30} exported`, eventProperties: { number, marker, nested: { yes: true } } },
    effect: { name: `Report ${number % 30} exported` },
  }),
  (marker) => ({ event: "guideDisplayed", properties: guideOf(marker), effect: { name: "Guide Displayed" } }),
  (marker, number) => ({
    event: "npsSubmitted",
    properties: { ...guideOf(marker), nps: { rating: number % 11, reason: null, source: "web" } },
    effect: { type: "nps-response", score: number % 11 },
  }),
  (marker, number) => ({
    event: "npsSubmitted",
    properties: { ...guideOf(marker), nps: { rating: 0, reason: `Reason ${number}`, source: "web" } },
    effect: { type: "nps-response", score: 0, feedback: `Reason ${number}` },
  }),
  (marker, number) => ({
    event: "pollSubmitted",
    properties: {
      ...guideOf(marker),
      pollResponses: [
        { pollId: "poll-1", question: "How easy was it?", response: number % 5 },
        { pollId: "poll-2", question: "What is missing?", response: `Nothing but ${number}` },
      ],
    },
    effect: { name: "Poll Submitted", pollResponses: 2 },
  }),
  () => ({ event: "visitorCreated", properties: { browserName: "Chrome" }, effect: { name: "Visitor Created" } }),
];
