import { lowerAndDigits, type Random, urlSafe } from "../random.ts";
import type { App, Guide, Period, Poll } from "./types.ts";
import type { GuideDraft, Question } from "./vocabulary.ts";

const day = 24 * 3600 * 1000;

export function createGuides(
  random: Random,
  drafts: readonly GuideDraft[],
  apps: readonly App[],
  period: Period,
): Guide[] {
  return drafts.map((draft) => createGuide(random, draft, apps[draft.app] ?? apps[0]!, period));
}

function createGuide(random: Random, draft: GuideDraft, app: App, period: Period): Guide {
  const createdAt = period.from * 1000 - random.int(40 * day, 700 * day);
  const lastUpdatedAt = createdAt + random.int(day, 30 * day);
  const polls = (draft.questions ?? []).map((question) => createPoll(random, question));
  if (polls[0]?.attributes.type === "NPSRating") polls[0].attributes.followUp = polls[1]!.id;
  // NPS asks for score and reason on steps of their own; other polls of a guide share one.
  const pollIdsOfSteps =
    draft.purpose === "nps"
      ? polls.map(({ id }) => [id])
      : draft.purpose === "poll"
        ? [polls.map(({ id }) => id)]
        : Array.from({ length: draft.steps ?? 1 }, () => []);
  return {
    id: random.text(urlSafe, 27),
    name: draft.name,
    purpose: draft.purpose,
    state: "public",
    app,
    createdAt,
    createdByUser: { username: "pendo-user@example.com" },
    lastUpdatedAt,
    lastUpdatedByUser: { username: random.pick(["pendo-user@example.com", "product.team@example.com"]) },
    resetAt: createdAt + random.int(1000, day),
    steps: pollIdsOfSteps.map((pollIds) => ({
      id: random.text(urlSafe, 27),
      type: draft.purpose === "nps" ? "" : "building-block",
      lastUpdatedAt: lastUpdatedAt - random.int(500, 5000),
      resetAt: createdAt + random.int(1000, day),
      pollIds,
    })),
    polls,
  };
}

function createPoll(random: Random, { type, question, choices, highest }: Question): Poll {
  const poll: Poll = { id: `p${random.text(lowerAndDigits, 10)}`, question, resetAt: 0, attributes: { type } };
  if (type === "NPSRating") poll.attributes = { type, leftLabel: "Not likely", rightLabel: "Very likely" };
  if (type === "NPSReason") poll.attributes = { type, maxLength: 1000 };
  if (type === "NPSRating") poll.numericResponses = Array.from({ length: 11 }, (_, value) => value);
  if (type === "NumberScale") poll.numericResponses = Array.from({ length: highest ?? 5 }, (_, value) => value + 1);
  if (type === "YesNo" || type === "PositiveNegative") poll.numericResponses = [0, 1];
  if (choices) {
    poll.idResponses = Object.fromEntries(
      choices.map((text, place) => [`${String(place).padStart(3, "0")}${random.text(lowerAndDigits, 11)}`, { text }]),
    );
  }
  return poll;
}
