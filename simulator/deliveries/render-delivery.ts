// A moment becomes Pendo's bytes: compact JSON, keys in Pendo's order, no newline. Depends on the seed and the moment's
// index alone, so a body can be made again whenever it is needed.
import { createHash } from "node:crypto";
import { isUnknownKind, type Kind } from "../history/kinds.ts";
import type { Moment } from "../history/moment.ts";
import { createRandom, hexDigits, type Random } from "../random.ts";
import type { App, Feature, JsonObject, Page, Step, TrackType, World } from "../world/types.ts";
import { browsers } from "../world/words.ts";
import type { Expectation, ExpectedPollAnswer } from "./expectation.ts";
import { createGuideProperties } from "./guide-properties.ts";
import { createPollSubmission, type PollAnswer } from "./poll-submission.ts";
import { createTrackProperties } from "./track-properties.ts";

export type Delivery = {
  /** Null for Pendo's test message, which has none. */
  uniqueId: string | null;
  event: Kind;
  body: string;
  expect: Expectation;
};

/** What a moment is about, beside who and when. */
export type Content = {
  app: App;
  properties: JsonObject;
  name?: string;
  polls?: readonly ExpectedPollAnswer[];
  answers?: readonly PollAnswer[];
  step?: Step;
  trackType?: TrackType;
  page?: Page;
  feature?: Feature;
};

/** The content of the delivery that `renderDelivery` makes of the same moment. */
export function describeMoment(run: string, world: World, moment: Moment): Content {
  return createContent(createRandom(run, "body", moment.index), world, moment);
}

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
      return {
        app: trackType.app,
        name: trackType.name,
        properties: createTrackProperties(random, trackType),
        trackType,
      };
    }
    case "guideDisplayed":
    case "pollDisplayed":
    case "npsDisplayed": {
      const step = guide!.purpose === "tour" ? random.pick(guide!.steps) : guide!.steps[0]!;
      return { app: guide!.app, properties: createGuideProperties(guide!, step, language), step };
    }
    case "npsSubmitted": {
      // The reason has a step of its own, after the rating's.
      const step = guide!.steps[nps!.completes ? 1 : 0] ?? guide!.steps[0]!;
      const source = guide!.app.platform === "web" ? "web" : "mobile";
      const answer = { rating: nps!.score, ...(nps!.reason !== undefined && { reason: nps!.reason }), source };
      return { app: guide!.app, properties: { ...createGuideProperties(guide!, step, language), nps: answer } };
    }
    case "pollSubmitted": {
      const { properties, expected, answers } = createPollSubmission(random, guide!, world.vocabulary);
      return {
        app: guide!.app,
        properties: { ...createGuideProperties(guide!, guide!.steps[0]!, language), ...properties },
        polls: expected,
        answers,
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
    case "pageLoaded": {
      const page = random.pick(world.pages);
      const url = `https://app.example.com${page.path}?${random.text(hexDigits, 8)}`;
      return { app: page.app, properties: { pageId: page.id, url }, page };
    }
    case "featureClicked": {
      const feature = random.pick(world.features);
      const { id, elementPath, app } = feature;
      return { app, properties: { featureId: id, elementPath }, feature };
    }
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
