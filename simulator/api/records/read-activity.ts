import type { Moment } from "../../history/moment.ts";

/** When and where an id turned up in the moments; times in epoch seconds. */
export type Activity = {
  first: number;
  last: number;
  lastAccountId: string;
  accountIds: Set<string>;
  appIds: Set<number>;
};

/** By the ids of visitors and of accounts, as they were sent. */
export function readActivity(moments: readonly Moment[]) {
  const visitor = new Map<string, Activity>();
  const account = new Map<string, Activity>();
  for (const moment of moments) {
    if (moment.kind === "ping") continue;
    const { visitorId, accountId = "", at } = moment;
    for (const [id, activities] of [
      [visitorId, visitor],
      [accountId, account],
    ] as const) {
      if (id === undefined || id === "") continue;
      const known = activities.get(id) ?? create(at);
      activities.set(id, known);
      known.last = at;
      if (accountId !== "") {
        known.lastAccountId = accountId;
        known.accountIds.add(accountId);
      }
      if (moment.guide) known.appIds.add(moment.guide.app.id);
    }
  }
  return { visitor, account };
}

function create(at: number): Activity {
  return { first: at, last: at, lastAccountId: "", accountIds: new Set(), appIds: new Set() };
}
