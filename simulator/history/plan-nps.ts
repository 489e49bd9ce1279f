// Who is asked for a score when, and what they answer. Waves are five weeks apart, and within a wave a visitor is asked
// once by each NPS guide, at the same place of the wave each time: so two answers of a visitor to a guide are never
// nearer than five weeks, and the number of responses that a receiver must end up with is exact.
import type { Random } from "../random.ts";
import type { Rhythm } from "../world/rhythm.ts";
import type { Guide, Visitor, World } from "../world/types.ts";
import type { Vocabulary } from "../world/vocabulary.ts";
import type { NpsPart } from "./moment.ts";
import type { Arrivals } from "./plan-arrivals.ts";

const day = 24 * 3600;
const waveEvery = 35 * day;
const longestWave = 20 * day;
/** Seconds from being asked until the last word on it: answer, then a reason in a second delivery. */
const longestAnswer = 320;
const shareOfLateReasons = 0.06;

export type Ask = { visitor: Visitor; guide: Guide; at: number };
/** `parts` has two entries where the reason comes later. */
type Answer = { ask: Ask; parts: readonly { at: number; part: Omit<NpsPart, "completes"> }[] };
export type NpsPlan = { displayed: readonly Ask[]; answers: readonly Answer[] };

/** Every ask the period has room for, in random order; the souring account's first, so that its story can be seen. */
export function listAsks(random: Random, world: World, rhythm: Rhythm, arrivals: Arrivals): Ask[] {
  const { from, to } = world.period;
  const lastAsk = to - longestAnswer;
  const firstWave = { from, to: Math.min(from + longestWave, Math.round(from + 0.6 * (to - from)), lastAsk) };
  const asks: { order: number; ask: Ask }[] = [];
  for (const guide of world.guides.filter(({ purpose }) => purpose === "nps")) {
    for (const visitor of world.visitors) {
      const presentFrom = arrivals.presentFrom.get(visitor) ?? Number.POSITIVE_INFINITY;
      const silentFrom = visitor.accounts[0]?.silentFrom ?? Number.POSITIVE_INFINITY;
      const isSouring = visitor.accounts[0]?.story === "souring";
      for (let at = rhythm.sample(random, firstWave); at <= lastAsk; at += waveEvery) {
        const order = random.next() * (isSouring ? 0.3 : 1);
        if (at > presentFrom && at < silentFrom - longestAnswer) asks.push({ order, ask: { visitor, guide, at } });
      }
    }
  }
  return asks.sort((a, b) => a.order - b.order).map(({ ask }) => ask);
}

/** `displayed` and `submitted` count deliveries; neither may exceed the number of asks. */
export function planNps(
  random: Random,
  world: World,
  asks: readonly Ask[],
  counts: { displayed: number; submitted: number },
): NpsPlan {
  const late = Math.floor(counts.submitted * shareOfLateReasons);
  const responses = counts.submitted - late;
  const answers = asks.slice(0, responses).map((ask, place): Answer => {
    const score = place === 0 ? 0 : createScore(random, ask);
    const at = ask.at + random.int(6, 70);
    // Spread evenly, so that exactly `late` of them come in two parts.
    const isInParts = Math.floor(((place + 1) * late) / responses) > Math.floor((place * late) / responses);
    if (!isInParts)
      return { ask, parts: [{ at, part: { score, reason: createReason(random, score, world.vocabulary) } }] };
    return {
      ask,
      parts: [
        { at, part: { score, reason: noReason(random) } },
        { at: at + random.int(5, 240), part: { score, reason: pickReason(random, score, world.vocabulary) } },
      ],
    };
  });
  return { displayed: asks.slice(0, counts.displayed), answers };
}

function createScore(random: Random, { visitor, at }: Ask): number {
  const souring = visitor.accounts[0]?.souring;
  const progress = souring ? Math.min(1, (at - souring.from) / Math.max(1, souring.to - souring.from)) : 0;
  const goodwill = souring ? 0.95 - progress * 0.9 : 0.25 + visitor.goodwill * 0.7;
  const mood = goodwill + (random.next() - 0.5) * 0.5;
  if (mood > 0.55) return random.int(9, 10);
  if (mood > 0.38) return random.int(7, 8);
  return random.chance(0.3) ? 0 : random.int(0, 6);
}

function createReason(random: Random, score: number, vocabulary: Vocabulary): string | null | undefined {
  return random.chance(0.45) ? pickReason(random, score, vocabulary) : noReason(random);
}

/** Whether Pendo leaves a reason out or sends it empty is not documented: all three ways turn up. */
function noReason(random: Random): string | null | undefined {
  return random.pick([undefined, null, ""]);
}

function pickReason(random: Random, score: number, { reasons }: Vocabulary): string {
  return random.pick(reasons[score >= 9 ? "promoter" : score >= 7 ? "passive" : "detractor"]);
}
