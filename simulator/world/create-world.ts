import { createRandom } from "../random.ts";
import { createAccounts } from "./create-accounts.ts";
import { createGuides } from "./create-guides.ts";
import { createPages } from "./create-pages.ts";
import { createTrackTypes } from "./create-track-types.ts";
import { createVisitors } from "./create-visitors.ts";
import { everydayVocabulary } from "./everyday-vocabulary.ts";
import { hostileVocabulary } from "./hostile-vocabulary.ts";
import { createRhythm } from "./rhythm.ts";
import type { App, Period, World } from "./types.ts";

const apps: readonly App[] = [
  { id: -323232, name: "Sample Product", platform: "web" },
  { id: 5_629_499_534_213_120, name: "Sample Product für iOS", platform: "ios" },
  { id: 6_192_449_487_634_432, name: "Admin Console", platform: "web" },
];

const vocabularies = { hostile: hostileVocabulary, everyday: everydayVocabulary };
export type Words = keyof typeof vocabularies;
export const wordsToChoose = Object.keys(vocabularies) as Words[];

export type WorldSize = { accounts: number; visitors: number; words: Words };

export function createWorld(seed: string, size: WorldSize, period: Period): World {
  const vocabulary = vocabularies[size.words];
  const random = (part: string) => createRandom(seed, "world", part);
  const accounts = createAccounts(random("accounts"), size.accounts, period, vocabulary);
  const rhythm = createRhythm(period);
  return {
    vocabulary,
    subscription: { id: 4_802_463_602_049_999, name: "Sample Product" },
    period,
    apps,
    accounts,
    visitors: createVisitors({ random: random("visitors"), rhythm, period, accounts, vocabulary }, size.visitors),
    guides: createGuides(random("guides"), vocabulary.guides, apps, period),
    trackTypes: createTrackTypes(random("track types"), vocabulary.trackTypes, apps),
    ...createPages(random("pages"), apps, period),
  };
}
