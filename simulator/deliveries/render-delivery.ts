// A moment becomes Pendo's bytes: compact JSON, keys in Pendo's order, no newline. Depends on the seed and the moment's
// index alone, so a body can be made again whenever it is needed.
import { createHash } from "node:crypto";
import { isUnknownKind, type Kind } from "../history/kinds.ts";
import type { Moment } from "../history/moment.ts";
import { createRandom, hexDigits, type Random, urlSafe } from "../random.ts";
import type { App, JsonObject, World } from "../world/types.ts";
import { browsers } from "../world/words.ts";
import type { Expectation, ExpectedPollAnswer } from "./expectation.ts";
import { createGuideProperties } from "./guide-properties.ts";
import { createPollSubmission } from "./poll-submission.ts";
import { createTrackProperties } from "./track-properties.ts";

export type Delivery = {
  /** Null for Pendo's test message, which has none. */
  uniqueId: string | null;
  event: Kind;
  body: string;
  expect: Expectation;
};

type Content = { app: App; properties: JsonObject; name?: string; polls?: readonly ExpectedPollAnswer[] };

/** `run` names everything a body depends on: another run has other uniqueIds. */
export function renderDelivery(run: string, world: World, moment: Moment): Delivery {
  if (moment.kind === "ping") {
    return {
      uniqueId: null,
      event: "ping",
      body: '{"event":"ping","app":{"name":"webhook-test"}}',
      expect: { becomes: "ping" },
    };
  }
  const random = createRandom(run, "body", moment.index);
  const content = createContent(random, world, moment);
  const uniqueId = createUniqueId(run, moment);
  const { id, name, platform } = content.app;
  // JSON.stringify leaves out what is undefined, so a missing id is a missing key.
  const body = JSON.stringify({
    app: { id, name, platform },
    accountId: moment.accountId,
    subscription: world.subscription,
    userAgent: (moment.visitor?.browser ?? random.pick(browsers)).userAgent,
    event: moment.kind,
    properties: content.properties,
    timestamp: moment.at,
    visitorId: moment.visitorId,
    uniqueId,
  });
  return { uniqueId, event: moment.kind, body, expect: expect(run, moment, uniqueId, content) };
}

function createUniqueId(run: string, { index, kind, at }: Moment): string {
  return createHash("sha1").update(`${run}\0${index}\0${kind}\0${at}`).digest("hex");
}

function createContent(random: Random, world: World, moment: Moment): Content {
  const { kind, guide, visitor, nps } = moment;
  const language = visitor?.language ?? "en-US";
  switch (kind) {
    case "trackEventReceived": {
      const trackType = random.pick(world.trackTypes);
      return { app: trackType.app, name: trackType.name, properties: createTrackProperties(random, trackType) };
    }
    case "guideDisplayed":
    case "pollDisplayed":
    case "npsDisplayed":
      return {
        app: guide!.app,
        properties: createGuideProperties(
          guide!,
          guide!.purpose === "tour" ? random.pick(guide!.steps) : guide!.steps[0]!,
          language,
        ),
      };
    case "npsSubmitted": {
      // The reason has a step of its own, after the rating's.
      const step = guide!.steps[nps!.completes ? 1 : 0] ?? guide!.steps[0]!;
      const source = guide!.app.platform === "web" ? "web" : "mobile";
      const answer = { rating: nps!.score, ...(nps!.reason !== undefined && { reason: nps!.reason }), source };
      return { app: guide!.app, properties: { ...createGuideProperties(guide!, step, language), nps: answer } };
    }
    case "pollSubmitted": {
      const { properties, expected } = createPollSubmission(random, guide!);
      return {
        app: guide!.app,
        properties: { ...createGuideProperties(guide!, guide!.steps[0]!, language), ...properties },
        polls: expected,
      };
    }
    case "visitorCreated": {
      const { name: browserName, version: browserVersion } = visitor!.browser;
      return {
        app: random.pick(world.apps),
        properties: { browserName, browserVersion, sampleGroup: random.int(0, 99) },
      };
    }
    case "accountCreated":
    case "ping":
      return { app: world.apps[0]!, properties: {} };
    case "pageLoaded":
      return {
        app: world.apps[0]!,
        properties: {
          pageId: random.text(urlSafe, 27),
          url: `https://app.example.com/reports/${random.text(hexDigits, 8)}?tab=übersicht`,
        },
      };
    case "featureClicked":
      return {
        app: world.apps[0]!,
        properties: { featureId: random.text(urlSafe, 27), elementPath: 'button#export > span[title="CSV"]' },
      };
  }
}

function expect(run: string, moment: Moment, uniqueId: string, { name, polls = [] }: Content): Expectation {
  if (isUnknownKind(moment.kind)) return { becomes: "unknown" };
  const owner = {
    user: moment.visitor && !moment.visitor.isAnonymous ? moment.visitor.id : null,
    account: moment.accountId || null,
  };
  const { nps, at, guide } = moment;
  if (!nps) return { becomes: "event", name: name ?? moment.kind, at, ...owner, polls };
  const response = nps.completes ? createUniqueId(run, nps.completes) : uniqueId;
  return { becomes: "nps", response, at, score: nps.score, feedback: nps.reason || null, guideId: guide!.id, ...owner };
}
