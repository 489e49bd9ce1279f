import { lowerAndDigits, type Random } from "../random.ts";
import type { Account, Period, Story } from "./types.ts";
import type { Vocabulary } from "./vocabulary.ts";

const year = 365 * 24 * 3600;
const week = 7 * 24 * 3600;

/** Accounts of the story, by their place in the list; the first ones have most visitors. */
const stories: Readonly<Record<number, Story>> = { 1: "souring", 2: "silent", 3: "growing" };

/** Accounts in order of size. Those that first appear in the period get their `firstSeenAt` from their visitors. */
export function createAccounts(random: Random, count: number, period: Period, vocabulary: Vocabulary): Account[] {
  const isStory = period.to - period.from >= week;
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, place) => {
    const name = vocabulary.nameCompany(random, place);
    const story = (isStory && stories[place]) || "steady";
    const isNew = place > 3 && random.chance(0.35);
    const id = vocabulary.createAccountId(random, { place, name, taken });
    taken.add(id);
    return {
      id,
      metadata: {
        agent: { name, plan: random.pick(["free", "team", "business", "enterprise"]), arr: random.int(0, 240) * 500 },
        custom: { crm_id: `001${random.text(lowerAndDigits, 12)}`, region: random.pick(["emea", "amer", "apac"]) },
      },
      firstSeenAt: isNew ? Number.POSITIVE_INFINITY : period.from - random.int(1, 2 * year),
      story,
      silentFrom: story === "silent" ? Math.round(period.from + 0.8 * (period.to - period.from)) : null,
      souring: story === "souring" ? period : null,
    };
  });
}
