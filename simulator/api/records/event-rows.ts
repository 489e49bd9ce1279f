// Rows of the event sources, with the field names that clients of the real API read.
import type { JsonObject, Visitor } from "../../world/types.ts";
import { browsers } from "../../world/words.ts";
import type { TimeSeries } from "../aggregation/time-series.ts";
import { hashText } from "../hash-text.ts";
import type { GuideAction, PollAnswered, Use } from "./event-log.ts";

const places = [
  { country: "US", region: "NC", latitude: 35.78, longitude: -78.64 },
  { country: "DE", region: "BE", latitude: 52.52, longitude: 13.41 },
  { country: "JP", region: "13", latitude: 35.68, longitude: 139.69 },
  { country: "BR", region: "SP", latitude: -23.55, longitude: -46.63 },
];
const seenReasons = ["auto", "launcher", "badge", "dom", "whatsnew"];
const minute = 60_000;

type Scene = { visitor: Visitor | null; visitorId: string };

export function createPollEventRow(answer: PollAnswered): JsonObject {
  return {
    ...createGuideFields(answer),
    pollId: answer.poll.id,
    pollResponse: answer.value,
    pollType: answer.poll.attributes.type,
    // The channel. Pendo's own samples have `ui:web:…` only.
    type: `ui:${answer.app.platform}:pollResponse`,
  };
}

export function createGuideEventRow(action: GuideAction): JsonObject {
  const reason = action.type === "guideAdvanced" ? "advanced" : seenReasons[hashText(action.guide.id) % 5]!;
  return { ...createGuideFields(action), guideSeenReason: reason, type: action.type };
}

function createGuideFields(event: GuideAction | PollAnswered): JsonObject {
  const { country, region, latitude, longitude } = choosePlace(event);
  return {
    accountId: event.accountId,
    accountIds: event.accountId === "" ? [] : [event.accountId],
    appId: event.app.id,
    browserTime: event.time,
    country,
    elementPath: "",
    eventId: "",
    guideId: event.guide.id,
    guideStepId: event.step.id,
    guideTimestamp: event.time,
    language: event.visitor?.language ?? "en-US",
    latitude,
    loadTime: 0,
    longitude,
    receivedTime: event.time + 200 + (event.index % 1900),
    region,
    remoteIp: chooseAddress(event),
    serverName: nameServer(event.app.platform),
    url: `https://${nameServer(event.app.platform)}/`,
    userAgent: chooseUserAgent(event),
    visitorId: event.visitorId,
  };
}

const idFields = { track: "trackTypeId", page: "pageId", feature: "featureId" } as const;

/** Uses of the same thing by the same visitor in the same hour (or day …) are one row. */
export function* createUseRows(uses: readonly Use[], { field, floor }: TimeSeries): Iterable<JsonObject> {
  const rows = new Map<string, { row: JsonObject; minutes: Set<number> }>();
  for (const use of uses) {
    const period = floor(use.time);
    const key = JSON.stringify([use.kind, use.id, use.app.id, use.visitorId, use.accountId, period]);
    const known = rows.get(key) ?? { row: createUseRow(use, field, period), minutes: new Set() };
    rows.set(key, known);
    known.row.numEvents = Number(known.row.numEvents) + 1;
    known.row.lastTime = use.time;
    known.minutes.add(Math.floor(use.time / minute));
  }
  for (const { row, minutes } of rows.values()) yield { ...row, numMinutes: minutes.size };
}

function createUseRow(use: Use, field: TimeSeries["field"], period: number): JsonObject {
  const { country, region, latitude, longitude } = choosePlace(use);
  return {
    accountId: use.accountId,
    appId: use.app.id,
    country,
    [idFields[use.kind]]: use.id,
    [field]: period,
    firstTime: use.time,
    lastTime: use.time,
    latitude,
    longitude,
    numEvents: 0,
    numMinutes: 0,
    region,
    remoteIp: chooseAddress(use),
    server: nameServer(use.app.platform),
    userAgent: chooseUserAgent(use),
    visitorId: use.visitorId,
  };
}

function choosePlace({ visitorId }: Scene) {
  return places[hashText(visitorId) % places.length]!;
}

/** From the block that is set aside for documentation. */
function chooseAddress({ visitorId }: Scene): string {
  return `192.0.2.${1 + (hashText(visitorId) % 254)}`;
}

function chooseUserAgent({ visitor, visitorId }: Scene): string {
  return (visitor?.browser ?? browsers[hashText(visitorId) % browsers.length]!).userAgent;
}

export function nameServer(platform: string): string {
  return platform === "web" ? "app.example.com" : "mobile.example.com";
}
