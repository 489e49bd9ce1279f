// What the aggregation knows of the moments that the webhooks tell of, read from the same moments: who, when, about
// what. A webhook's time is in whole seconds; here it is in milliseconds of the same second.
import type { Deliveries } from "../../create-deliveries.ts";
import type { Content } from "../../deliveries/render-delivery.ts";
import type { Moment } from "../../history/moment.ts";
import { createRandom } from "../../random.ts";
import type { App, Guide, Json, Poll, Step, Visitor } from "../../world/types.ts";
import { hashNumbers, hashText } from "../hash-text.ts";

type Occurrence = {
  /** Epoch milliseconds in the browser. */
  time: number;
  app: App;
  visitor: Visitor | null;
  /** As sent by the webhook; empty where it was left out. */
  visitorId: string;
  accountId: string;
  /** Place of the delivery among the deliveries. */
  index: number;
};
export type PollAnswered = Occurrence & { guide: Guide; step: Step; poll: Poll; value: Json };
type GuideActionType = "guideSeen" | "guideAdvanced" | "guideDismissed";
export type GuideAction = Occurrence & { guide: Guide; step: Step; type: GuideActionType };
export type UseKind = "track" | "page" | "feature";
/** Something that is counted by the hour or the day. */
export type Use = Occurrence & { kind: UseKind; id: string };

/** All in order of time. */
export type EventLog = {
  pollAnswers: readonly PollAnswered[];
  guideActions: readonly GuideAction[];
  uses: readonly Use[];
};

export function createEventLog(seed: string, deliveries: Deliveries): EventLog {
  const salt = hashText(seed);
  const pollAnswers: PollAnswered[] = [];
  const guideActions: GuideAction[] = [];
  const uses: Use[] = [];
  for (const moment of deliveries.moments) {
    if (moment.kind === "ping") continue;
    const content = deliveries.describe(moment.index);
    const occurrence = createOccurrence(salt, moment, content);
    pollAnswers.push(...listPollAnswers(occurrence, moment, content));
    guideActions.push(...listGuideActions(seed, occurrence, moment, content));
    const use = findUse(content);
    if (use) uses.push({ ...occurrence, ...use });
  }
  const byTime = (a: Occurrence, b: Occurrence) => a.time - b.time;
  return { pollAnswers: pollAnswers.sort(byTime), guideActions: guideActions.sort(byTime), uses: uses.sort(byTime) };
}

/** The part of a list in order of time from `from` until before `to`. */
export function sliceTimes<T extends { time: number }>(list: readonly T[], from: number, to: number): readonly T[] {
  return list.slice(findPlace(list, from), findPlace(list, to));
}

function findPlace(list: readonly { time: number }[], time: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function createOccurrence(salt: number, moment: Moment, { app }: Content): Occurrence {
  return {
    // Answers that are sent together follow within 100 ms and stay in the second.
    time: moment.at * 1000 + (hashNumbers(salt, moment.index) % 900),
    app,
    visitor: moment.visitor,
    visitorId: moment.visitorId ?? "",
    accountId: moment.accountId ?? "",
    index: moment.index,
  };
}

/** An event per answered question. A reason that follows its score later is an event without the score. */
function listPollAnswers(occurrence: Occurrence, { guide, nps }: Moment, { answers = [] }: Content): PollAnswered[] {
  if (!guide) return [];
  const given = nps ? listNpsAnswers(guide, nps) : answers;
  return given.map(({ poll, value }, place) => ({
    ...occurrence,
    time: occurrence.time + place * 7,
    guide,
    step: guide.steps.find(({ pollIds }) => pollIds.includes(poll.id))!,
    poll,
    value,
  }));
}

function listNpsAnswers(guide: Guide, { score, reason, completes }: NonNullable<Moment["nps"]>) {
  const [rating, text] = guide.polls;
  return [
    ...(completes ? [] : [{ poll: rating!, value: score as Json }]),
    ...(reason ? [{ poll: text!, value: reason as Json }] : []),
  ];
}

/** A tour that was seen may be dismissed or advanced, of which no webhook tells. */
function listGuideActions(seed: string, seen: Occurrence, { guide }: Moment, { step }: Content): GuideAction[] {
  if (!guide || !step) return [];
  const action: GuideAction = { ...seen, guide, step, type: "guideSeen" };
  const random = createRandom(seed, "guide action", seen.index);
  if (guide.purpose !== "tour" || random.chance(0.3)) return [action];
  const isLast = guide.steps.at(-1) === step;
  const type = !isLast && random.chance(0.6) ? "guideAdvanced" : "guideDismissed";
  return [action, { ...action, type, time: seen.time + random.int(1500, 60_000) }];
}

function findUse({ trackType, page, feature }: Content): Pick<Use, "kind" | "id"> | undefined {
  if (trackType) return { kind: "track", id: trackType.id };
  if (page) return { kind: "page", id: page.id };
  return feature && { kind: "feature", id: feature.id };
}
