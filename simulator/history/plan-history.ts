// Everything that happens in a period, in order of time: a list of moments, each of which becomes one delivery.
import { createRandom, type Random } from "../random.ts";
import { createRhythm, type Rhythm } from "../world/rhythm.ts";
import type { Guide, World } from "../world/types.ts";
import { type Counts, chooseCounts } from "./choose-counts.ts";
import { type Crowd, createCrowd, type Who } from "./crowd.ts";
import { type FreeKind, isLimitedKind, type Kind, kinds, type Mix } from "./kinds.ts";
import type { Moment } from "./moment.ts";
import { type Arrivals, findArrivalLimits, planArrivals } from "./plan-arrivals.ts";
import { listAsks, type NpsPlan, planNps } from "./plan-nps.ts";

type Draft = Omit<Moment, "index">;

/** Exactly `count` moments; throws where the world is too small for them. */
export function planHistory(seed: string, world: World, { count, mix }: { count: number; mix: Mix }): Moment[] {
  const random = createRandom(seed, "history");
  const rhythm = createRhythm(world.period);
  const unlimited = { npsDisplayed: count, npsSubmitted: count };
  const wanted = chooseCounts(count, withFreeKind(mix), { ...findArrivalLimits(world), ...unlimited });
  const arrivals = planArrivals(random, world, mix, wanted);
  const asks = listAsks(random, world, rhythm, arrivals);
  const counts = chooseCounts(count, mix, {
    visitorCreated: arrivals.newVisitors.length,
    accountCreated: arrivals.newAccounts.size,
    npsDisplayed: asks.length,
    npsSubmitted: asks.length,
  });
  const nps = planNps(random, world, asks, { displayed: counts.npsDisplayed, submitted: counts.npsSubmitted });
  const crowd = createCrowd(world, arrivals);
  const moments: Draft[] = [
    ...draftArrivals(arrivals),
    ...draftNps(crowd, random, nps),
    ...draftOthers(world, rhythm, crowd, random, counts),
  ];
  // Sorting keeps the order of equal times: a first visit stays before what follows it in the same second.
  return moments.sort((a, b) => a.at - b.at).map((moment, index) => Object.assign(moment, { index }));
}

/** The first division only asks how many newcomers fit: it must not fail where the second one will explain. */
function withFreeKind(mix: Mix): Mix {
  return { ...mix, trackEventReceived: Math.max(mix.trackEventReceived ?? 0, Number.MIN_VALUE) };
}

function draftArrivals(arrivals: Arrivals): Draft[] {
  const visits = arrivals.newVisitors.map((visitor) =>
    createDraft("visitorCreated", visitor.firstSeenAt, identify(visitor)),
  );
  const accounts = [...arrivals.newAccounts.values()].map((visitor) =>
    createDraft("accountCreated", visitor.firstSeenAt, identify(visitor)),
  );
  return [...accounts, ...visits];
}

function identify(visitor: NonNullable<Who["visitor"]>): Who {
  return {
    visitor,
    visitorId: visitor.id,
    accountId: visitor.accounts[0]?.id ?? (visitor.absentAccount === "empty" ? "" : undefined),
  };
}

function draftNps(crowd: Crowd, random: Random, plan: NpsPlan): Draft[] {
  // The same person in the same account from question to answer.
  const whoByAsk = new Map(plan.displayed.map((ask) => [ask, crowd.describe(random, ask.visitor)]));
  const displayed = plan.displayed.map((ask) => createDraft("npsDisplayed", ask.at, whoByAsk.get(ask)!, ask.guide));
  const answered = plan.answers.flatMap(({ ask, parts }) => {
    const who = whoByAsk.get(ask) ?? crowd.describe(random, ask.visitor);
    let first: Draft | null = null;
    return parts.map(({ at, part }) => {
      // The index is given to the same object later.
      const draft = createDraft("npsSubmitted", at, who, ask.guide);
      draft.nps = { ...part, completes: first as Moment | null };
      first ??= draft;
      return draft;
    });
  });
  return [...displayed, ...answered];
}

function draftOthers(world: World, rhythm: Rhythm, crowd: Crowd, random: Random, counts: Counts): Draft[] {
  const guidesFor = (purpose: Guide["purpose"]) => world.guides.filter((guide) => guide.purpose === purpose);
  const guides = { tour: guidesFor("tour"), poll: guidesFor("poll") };
  const free = kinds.filter((kind): kind is FreeKind => !isLimitedKind(kind));
  return free.flatMap((kind) =>
    Array.from({ length: counts[kind] }, () => {
      const at = rhythm.sample(random, world.period);
      if (kind === "ping") return createDraft(kind, at, { visitor: null, visitorId: undefined, accountId: undefined });
      const isAboutPoll = kind === "pollDisplayed" || kind === "pollSubmitted";
      const who = isAboutPoll ? crowd.pickPerson(random, at) : crowd.pick(random, at);
      // A guide that holds a poll is a guide too.
      if (isAboutPoll) return createDraft(kind, at, who, random.pick(guides.poll));
      return createDraft(
        kind,
        at,
        who,
        kind === "guideDisplayed" ? random.pick(guides[random.chance(0.7) ? "tour" : "poll"]) : null,
      );
    }),
  );
}

function createDraft(kind: Kind, at: number, who: Who, guide: Guide | null = null): Draft {
  return { kind, at, ...who, guide, nps: null };
}
