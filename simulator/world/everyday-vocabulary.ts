// Names, ids and words as nearly everywhere, for people to look at.
import type { Random } from "../random.ts";
import { everydayGuides, everydayTrackTypes } from "./everyday-guides.ts";
import { companyTrades, companyWords, firstNames, lastNames } from "./everyday-words.ts";
import type { Account } from "./types.ts";
import type { Vocabulary } from "./vocabulary.ts";

const reasons: Vocabulary["reasons"] = {
  promoter: [
    "Keep up the great work!",
    "Support answered within minutes 🙌",
    "It just works. Our whole team moved over in a week.",
    "The automatic export saves us hours every week.",
    "Best reporting tool we have had, and the team listens.",
    "Onboarding was painless, and finance loves the dashboards.",
  ],
  passive: [
    "Good, but search is slow.",
    "Solid, only the mobile app lags behind a little.",
    "Fine for reports; I'd like more chart types.",
    "A bit expensive for what we use.",
    "Does what it should. The permissions are confusing.",
  ],
  detractor: [
    "Crashes every time I export more than 10,000 rows.",
    "Too expensive, and our filters are gone since the last update.",
    "I asked three times and nobody answered. We are looking at alternatives.",
    "The dashboard takes half a minute to load, and half of the widgets stay empty until I reload.",
    "We were promised an integration in spring. It is still not there.",
    "I can't find anything since the new navigation.",
  ],
};

const pollTexts = [
  "Nothing, thanks 🙌",
  "A dark mode",
  "More filters, and sorting by two columns",
  "Search is too slow with large reports",
  "I'd pay for an offline mode",
  "Saved searches that I can share with my team",
  "Faster answers from support",
  "A better price for small teams",
  "Scheduled exports to our warehouse",
];

export const everydayVocabulary: Vocabulary = {
  /** All pairs in an order that mixes them: names repeat only when all are taken. */
  nameCompany(_random, place) {
    const pairs = companyWords.length * companyTrades.length;
    const pair = (place * stride) % pairs;
    const name = `${companyWords[pair % companyWords.length]} ${companyTrades[Math.floor(pair / companyWords.length)]}`;
    return place < pairs ? name : `${name} ${Math.floor(place / pairs) + 1}`;
  },
  createAccountId: (_random, { name }) => spell(name, "-"),
  createVisitorIds(random, count) {
    const ids = new Set<string>();
    for (let place = 0; place < count; place += 1) {
      const id = `${spell(random.pick(firstNames), "")}.${spell(random.pick(lastNames), "")}`;
      ids.add(ids.has(id) ? `${id}${place}` : id);
    }
    return [...ids];
  },
  createPerson(random, id, home) {
    const [first = "", last = ""] = id.replace(/\d+$/, "").split(".");
    return { full_name: `${names.get(first)} ${names.get(last)}`, email: `${id}@${createDomain(home, random)}` };
  },
  guides: everydayGuides,
  trackTypes: everydayTrackTypes,
  reasons,
  pollTexts,
  areAnswersDescribed: true,
};

const names = new Map([...firstNames, ...lastNames].map((name) => [spell(name, ""), name]));

/** Has no divisor in common with 40 × 21 pairs. */
const stride = 521;

function createDomain(home: Account | undefined, random: Random): string {
  return home ? `${home.id}.example` : random.pick(["mail.example", "post.example"]);
}

/** In the letters of an address. */
function spell(text: string, space: string): string {
  return text
    .normalize("NFD")
    .replace(/[^\p{ASCII}]|'/gu, "")
    .toLowerCase()
    .replaceAll(" ", space);
}
