// Who does something at a given time, and under which ids.
import type { Random } from "../random.ts";
import { isNewAccount } from "../world/create-visitors.ts";
import type { Account, Visitor, World } from "../world/types.ts";
import type { Arrivals } from "./plan-arrivals.ts";

/** Ids as they are sent; undefined leaves the key out. */
export type Who = { visitor: Visitor | null; visitorId: string | undefined; accountId: string | undefined };

export type Crowd = {
  /** Anybody, also somebody without an id whose account is known. */
  pick: (random: Random, at: number) => Who;
  /** Anybody with an id. */
  pickPerson: (random: Random, at: number) => Who;
  describe: (random: Random, visitor: Visitor) => Who;
};

const shareOfNobodies = 0.03;
const shareOfAnonymous = 0.06;
/** What snippets send that ran before sign-in, beside leaving the id out. */
const nobodyIds = [undefined, "", "undefined", "null", "anonymous"];
const tries = 60;

export function createCrowd(world: World, { presentFrom }: Arrivals): Crowd {
  const present = [...presentFrom.keys()];
  const identified = present.filter(({ isAnonymous }) => !isAnonymous);
  const anonymous = present.filter(({ isAnonymous }) => isAnonymous);
  const oldAccounts = world.accounts.filter((account) => !isNewAccount(account, world.period));
  const always = identified.find(
    ({ firstSeenAt, accounts }) => firstSeenAt < world.period.from && accounts[0]?.silentFrom == null,
  )!;
  const sums = new Float64Array(identified.length);
  identified.forEach(({ activity }, place) => {
    sums[place] = (sums[place - 1] ?? 0) + activity;
  });

  const pickIdentified = (random: Random, at: number): Visitor => {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const visitor = identified[findPlace(sums, random.next() * sums.at(-1)!)]!;
      if (presentFrom.get(visitor)! < at && !isSilent(visitor.accounts[0], at)) return visitor;
    }
    return always;
  };
  const pickPerson = (random: Random, at: number): Who => {
    const isAnonymous = random.chance(shareOfAnonymous);
    const stranger = isAnonymous ? random.pick(anonymous) : undefined;
    if (stranger && !isSilent(stranger.accounts[0], at)) return describe(random, stranger, at);
    return describe(random, pickIdentified(random, at), at);
  };
  return {
    describe,
    pickPerson,
    pick: (random, at) => {
      if (!random.chance(shareOfNobodies)) return pickPerson(random, at);
      const account = random.pick(oldAccounts);
      const speaking = isSilent(account, at) ? world.accounts[0]! : account;
      return { visitor: null, visitorId: random.pick(nobodyIds), accountId: speaking.id };
    },
  };
}

function describe(random: Random, visitor: Visitor, at = Number.POSITIVE_INFINITY): Who {
  const [home, second] = visitor.accounts;
  const isElsewhere = second !== undefined && !isSilent(second, at) && random.chance(0.35);
  const account = isElsewhere ? second : home;
  return {
    visitor,
    visitorId: visitor.id,
    accountId: account?.id ?? (visitor.absentAccount === "empty" ? "" : undefined),
  };
}

function isSilent(account: Account | undefined, at: number): boolean {
  return account?.silentFrom != null && at >= account.silentFrom;
}

function findPlace(sums: Float64Array, wanted: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
