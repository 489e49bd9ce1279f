import { lowerAndDigits, type Random } from "../random.ts";
import type { Rhythm } from "./rhythm.ts";
import type { Account, Period, Visitor } from "./types.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { browsers, languages } from "./words.ts";

const year = 365 * 24 * 3600;

type Making = {
  random: Random;
  rhythm: Rhythm;
  period: Period;
  accounts: readonly Account[];
  vocabulary: Vocabulary;
};

/**
 * `count` identified visitors, then an eighth as many anonymous ones. Every account has a visitor where there are
 * enough; accounts new in the period are first seen when their first visitor is.
 */
export function createVisitors(making: Making, count: number): Visitor[] {
  const pickAccount = createAccountPicker(making);
  const identified = making.vocabulary.createVisitorIds(making.random, count).map((id, place) => {
    const home = making.accounts[place] ?? (making.random.chance(0.04) ? undefined : pickAccount());
    const visitor = createVisitor(making, id, home);
    // Somebody is there from the start, however small the world is.
    return place === 0 ? { ...visitor, firstSeenAt: making.period.from - year } : visitor;
  });
  for (const { accounts, firstSeenAt } of identified) {
    const home = accounts[0];
    if (home && isNewAccount(home, making.period)) home.firstSeenAt = Math.min(home.firstSeenAt, firstSeenAt);
  }
  for (const account of making.accounts) {
    if (account.firstSeenAt === Number.POSITIVE_INFINITY) account.firstSeenAt = making.period.from - year;
  }
  const anonymous = Array.from({ length: Math.ceil(count / 8) }, () => createAnonymous(making, pickAccount));
  return [...identified, ...anonymous];
}

/** Whether an account first appears inside the period. */
export function isNewAccount(account: Account, period: Period): boolean {
  return account.firstSeenAt >= period.from;
}

function createVisitor(making: Making, id: string, home: Account | undefined): Visitor {
  const { random, period } = making;
  const { email, full_name } = making.vocabulary.createPerson(random, id, home);
  const agent = { full_name, role: random.pick(["admin", "editor", "viewer"]) };
  return {
    ...createTraits(random),
    id,
    isAnonymous: false,
    accounts: home ? listAccounts(making, home) : [],
    metadata: {
      // A share has no e-mail: a mapping by it has visitors without a value.
      agent: random.chance(0.05) ? agent : { email, ...agent },
      custom: { crm_id: `003${random.text(lowerAndDigits, 12)}` },
    },
    firstSeenAt: isNewVisitor(random, home, period)
      ? making.rhythm.sample(random, period)
      : period.from - random.int(1, year),
  };
}

function createAnonymous({ random, period, accounts }: Making, pickAccount: () => Account): Visitor {
  const home = random.chance(0.75) ? pickAccount() : undefined;
  // An account must not turn up before its first identified visitor has made it.
  const known = home && isNewAccount(home, period) ? accounts[0] : home;
  return {
    ...createTraits(random),
    id: `_PENDO_T_${random.text(`${lowerAndDigits}ABCDEFGHIJKLMNOPQRSTUVWXYZ`, 11)}`,
    isAnonymous: true,
    accounts: known ? [known] : [],
    metadata: { agent: {}, custom: {} },
    firstSeenAt: period.from - random.int(1, 30 * 24 * 3600),
  };
}

function createTraits(random: Random) {
  return {
    absentAccount: random.pick(["empty", "missing"] as const),
    browser: random.pick(browsers),
    language: random.pick(languages),
    activity: 0.2 + random.next() ** 3 * 3,
    goodwill: random.next(),
  };
}

function listAccounts({ random, period, accounts }: Making, home: Account): Account[] {
  if (!random.chance(0.08)) return [home];
  const second = random.pick(accounts);
  return second === home || isNewAccount(second, period) ? [home] : [home, second];
}

function isNewVisitor(random: Random, home: Account | undefined, period: Period): boolean {
  if (!home) return random.chance(0.3);
  if (isNewAccount(home, period)) return true;
  if (home.story === "silent" || home.story === "souring") return false;
  return random.chance(home.story === "growing" ? 0.85 : 0.3);
}

/** Few accounts with many visitors, many with few. */
function createAccountPicker({ random, accounts }: Making): () => Account {
  const sums: number[] = [];
  for (const place of accounts.keys()) sums.push((sums.at(-1) ?? 0) + 1 / (place + 1) ** 0.7);
  return () => {
    const wanted = random.next() * sums.at(-1)!;
    return accounts[sums.findIndex((sum) => sum > wanted)]!;
  };
}
