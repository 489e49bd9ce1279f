import { hexDigits, lowerAndDigits, type Random } from "../random.ts";
import type { Rhythm } from "./rhythm.ts";
import type { Account, Period, Visitor } from "./types.ts";
import { asciiNames, browsers, firstNames, languages, lastNames, oddVisitorIds } from "./words.ts";

const year = 365 * 24 * 3600;

type Making = { random: Random; rhythm: Rhythm; period: Period; accounts: readonly Account[] };

/**
 * `count` identified visitors, then an eighth as many anonymous ones. Every account has a visitor where there are
 * enough; accounts new in the period are first seen when their first visitor is.
 */
export function createVisitors(making: Making, count: number): Visitor[] {
  const pickAccount = createAccountPicker(making);
  const identified = createIds(making.random, count).map((id, place) => {
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
  const first = random.int(0, firstNames.length - 1);
  const email = id.includes("@") ? id : `${asciiNames[first]}.${random.text(lowerAndDigits, 6)}@example.com`;
  const agent = {
    full_name: `${firstNames[first]} ${random.pick(lastNames)}`,
    role: random.pick(["admin", "editor", "viewer"]),
  };
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

function createIds(random: Random, count: number): string[] {
  const taken = new Set<string>();
  const ids: string[] = [];
  for (let place = 0; place < count; place += 1) {
    // Ids are case-sensitive: now and then an e-mail in other letters is somebody else's id.
    let id = place % 50 === 49 ? ids[place - 2]!.toUpperCase() : createPlainId(random, place);
    while (taken.has(id)) id = createPlainId(random, place);
    taken.add(id);
    ids.push(id);
  }
  return ids;
}

function createPlainId(random: Random, place: number): string {
  switch (place % 5) {
    case 0:
      return String(random.int(1_000, 99_999_999));
    case 1:
    case 2:
      return `${random.pick(asciiNames)}.${random.text(lowerAndDigits, 5)}@${random.pick(["example.com", "customer.example", "mail.example.org"])}`;
    case 3:
      return `${random.text(hexDigits, 8)}-${random.text(hexDigits, 4)}-4${random.text(hexDigits, 3)}-a${random.text(hexDigits, 3)}-${random.text(hexDigits, 12)}`;
    default:
      return `${random.pick(oddVisitorIds)}-${random.int(1, 999_999)}`;
  }
}
