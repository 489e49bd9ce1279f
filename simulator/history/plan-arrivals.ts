// Who is there when: visitors and accounts that were there already, and those that are seen for the first time.
import type { Random } from "../random.ts";
import { isNewAccount } from "../world/create-visitors.ts";
import type { Account, Visitor, World } from "../world/types.ts";
import type { Mix } from "./kinds.ts";

export type Arrivals = {
  /** Visitors of the period and the epoch second from which they are there. Nobody else ever appears. */
  presentFrom: ReadonlyMap<Visitor, number>;
  newVisitors: readonly Visitor[];
  /** With the visitor who brings the account. */
  newAccounts: ReadonlyMap<Account, Visitor>;
};

export type ArrivalLimits = { visitorCreated: number; accountCreated: number };

type Newcomers = { accounts: Account[]; byAccount: Map<Account | undefined, Visitor[]> };

export function findArrivalLimits(world: World): ArrivalLimits {
  const { accounts, byAccount } = listNewcomers(world);
  return { visitorCreated: [...byAccount.values()].flat().length, accountCreated: accounts.length };
}

/**
 * Chooses so many newcomers. Where first visits are not reported, newcomers simply turn up; where they are reported
 * but not all of them fit, the others stay away, so that a first visit is always the first thing heard of somebody.
 * Gives fewer where the accounts that are allowed to appear have too few visitors.
 */
export function planArrivals(random: Random, world: World, mix: Mix, wanted: ArrivalLimits): Arrivals {
  const { accounts, byAccount } = listNewcomers(world);
  const areVisitorsReported = (mix.visitorCreated ?? 0) > 0;
  const areAccountsReported = (mix.accountCreated ?? 0) > 0;
  const most = Math.min(wanted.accountCreated, areVisitorsReported ? wanted.visitorCreated : Number.POSITIVE_INFINITY);
  const chosen = new Set(areAccountsReported ? random.shuffle(accounts).slice(0, most) : accounts);
  const eligible = [...byAccount].flatMap(([home, visitors]) =>
    home && isNewAccount(home, world.period) && !chosen.has(home) ? [] : visitors,
  );
  const newVisitors = areVisitorsReported
    ? chooseVisitors(random, eligible, areAccountsReported ? chosen : new Set(), wanted.visitorCreated)
    : eligible;

  const presentFrom = new Map<Visitor, number>();
  for (const visitor of world.visitors)
    if (visitor.firstSeenAt < world.period.from) presentFrom.set(visitor, visitor.firstSeenAt);
  const newAccounts = new Map<Account, Visitor>();
  for (const visitor of [...newVisitors].sort((a, b) => a.firstSeenAt - b.firstSeenAt)) {
    presentFrom.set(visitor, visitor.firstSeenAt);
    const home = visitor.accounts[0];
    if (areAccountsReported && home && isNewAccount(home, world.period) && !newAccounts.has(home))
      newAccounts.set(home, visitor);
  }
  return { presentFrom, newVisitors: areVisitorsReported ? newVisitors : [], newAccounts };
}

function listNewcomers({ visitors, period }: World): Newcomers {
  const byAccount = new Map<Account | undefined, Visitor[]>();
  for (const visitor of visitors) {
    if (visitor.firstSeenAt < period.from) continue;
    const home = visitor.accounts[0];
    const visitorsOfHome = byAccount.get(home);
    if (visitorsOfHome) visitorsOfHome.push(visitor);
    else byAccount.set(home, [visitor]);
  }
  const accounts = [...byAccount.keys()].filter(
    (home) => home !== undefined && isNewAccount(home, period),
  ) as Account[];
  return { accounts, byAccount };
}

/** One of each chosen new account first, so that the account appears at all. */
function chooseVisitors(
  random: Random,
  eligible: readonly Visitor[],
  chosen: ReadonlySet<Account>,
  count: number,
): Visitor[] {
  const missing = new Set(chosen);
  const first: Visitor[] = [];
  const others: Visitor[] = [];
  for (const visitor of random.shuffle(eligible)) {
    const home = visitor.accounts[0];
    if (home && missing.delete(home)) first.push(visitor);
    else others.push(visitor);
  }
  return [...first, ...others].slice(0, count);
}
