import { createRandom } from "../random.ts";
import { createAccounts } from "./create-accounts.ts";
import { createGuides } from "./create-guides.ts";
import { createPages } from "./create-pages.ts";
import { createTrackTypes } from "./create-track-types.ts";
import { createVisitors } from "./create-visitors.ts";
import { createRhythm } from "./rhythm.ts";
import type { App, Period, World } from "./types.ts";

const apps: readonly App[] = [
  { id: -323232, name: "Sample Product", platform: "web" },
  { id: 5_629_499_534_213_120, name: "Sample Product für iOS", platform: "ios" },
  { id: 6_192_449_487_634_432, name: "Admin Console", platform: "web" },
];

export type WorldSize = { accounts: number; visitors: number };

export function createWorld(seed: string, size: WorldSize, period: Period): World {
  const random = (part: string) => createRandom(seed, "world", part);
  const accounts = createAccounts(random("accounts"), size.accounts, period);
  const rhythm = createRhythm(period);
  return {
    subscription: { id: 4_802_463_602_049_999, name: "Sample Product" },
    period,
    apps,
    accounts,
    visitors: createVisitors({ random: random("visitors"), rhythm, period, accounts }, size.visitors),
    guides: createGuides(random("guides"), apps, period),
    trackTypes: createTrackTypes(random("track types"), apps),
    ...createPages(random("pages"), apps, period),
  };
}
