import { hexDigits, lowerAndDigits, type Random } from "../random.ts";
import type { Account, Period, Story } from "./types.ts";
import { companyForms, companyNames, oddAccountIds } from "./words.ts";

const year = 365 * 24 * 3600;
const week = 7 * 24 * 3600;

/** Accounts of the story, by their place in the list; the first ones have most visitors. */
const stories: Readonly<Record<number, Story>> = { 1: "souring", 2: "silent", 3: "growing" };

/** Accounts in order of size. Those that first appear in the period get their `firstSeenAt` from their visitors. */
export function createAccounts(random: Random, count: number, period: Period): Account[] {
  const isStory = period.to - period.from >= week;
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, place) => {
    const name = `${random.pick(companyNames)} ${random.pick(companyForms)}`;
    const story = (isStory && stories[place]) || "steady";
    const isNew = place > 3 && random.chance(0.35);
    return {
      id: createId(random, place, taken),
      metadata: {
        agent: { name, plan: random.pick(["free", "team", "business", "enterprise"]), arr: random.int(0, 240) * 500 },
        custom: { crm_id: `001${random.text(lowerAndDigits, 12)}`, region: random.pick(["emea", "amer", "apac"]) },
      },
      firstSeenAt: isNew ? Number.POSITIVE_INFINITY : period.from - random.int(1, 2 * year),
      story,
      silentFrom: story === "silent" ? Math.round(period.from + 0.6 * (period.to - period.from)) : null,
    };
  });
}

function createId(random: Random, place: number, taken: Set<string>): string {
  const odd = place % 2 === 0 ? oddAccountIds[place / 2] : undefined;
  let id = odd ?? createPlainId(random);
  while (taken.has(id)) id = `${odd ?? createPlainId(random)}-${taken.size}`;
  taken.add(id);
  return id;
}

function createPlainId(random: Random): string {
  switch (random.int(0, 3)) {
    case 0:
      return random.text(hexDigits, 13);
    case 1:
      return String(random.int(1_000, 9_999_999));
    case 2:
      return `0015e00000${random.text(lowerAndDigits, 5)}AAX`;
    default:
      return `${random.pick(["acme", "bluefin", "fjord", "globex", "kudu"])}-${random.text(lowerAndDigits, 4)}`;
  }
}
