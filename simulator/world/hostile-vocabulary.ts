// Names, ids and words on which a careless receiver trips.
import { hexDigits, lowerAndDigits, type Random } from "../random.ts";
import { hostileGuides } from "./hostile-guides.ts";
import { hostileTrackTypes } from "./hostile-track-types.ts";
import type { Vocabulary } from "./vocabulary.ts";
import {
  asciiNames,
  companyForms,
  companyNames,
  firstNames,
  lastNames,
  oddAccountIds,
  oddVisitorIds,
} from "./words.ts";

const reasons: Vocabulary["reasons"] = {
  promoter: [
    "Keep up the great work!",
    "Support answered within minutes 🙌",
    "Spart uns jede Woche Stunden – danke!",
    "毎日使っています。とても便利です。",
    'It "just works".\nOur whole team moved over in a week.',
    "J'adore l'export automatique, c'est exactement ce qu'il nous fallait.",
  ],
  passive: [
    "Good, but the search is slow.",
    "Solide Sache, nur die mobile App fehlt noch etwas hinterher.",
    "ok",
    "Fine for reports; I'd like <b>more</b> chart types & filters.",
    "Prix un peu élevé par rapport à l'usage.",
  ],
  detractor: [
    "Crashes every time I export more than 10,000 rows.",
    "0",
    "Zu teuer, und seit dem letzten Update fehlen unsere Filter.",
    "サポートの返事が来ません。",
    "I asked three times and nobody answered. We are looking at alternatives.",
    `Where do I start…\n${"The dashboard takes half a minute to load, and then half of the widgets stay empty until I reload the page. ".repeat(6)}\nPlease fix it.`,
    "'; --  I can't type an apostrophe in the search box",
  ],
};

const pollTexts = [
  "Nothing, thanks 🙌",
  "A dark mode",
  "Mehr Filter & Sortierung",
  "検索が遅いです",
  'I\'d pay for "offline" mode',
  "0",
  "[object Object]?",
  "Two lines:\n1. speed\n2. price",
  "n/a",
];

export const hostileVocabulary: Vocabulary = {
  nameCompany: (random) => `${random.pick(companyNames)} ${random.pick(companyForms)}`,
  createAccountId(random, { place, taken }) {
    const odd = place % 2 === 0 ? oddAccountIds[place / 2] : undefined;
    let id = odd ?? createPlainAccountId(random);
    while (taken.has(id)) id = `${odd ?? createPlainAccountId(random)}-${taken.size}`;
    return id;
  },
  createVisitorIds,
  createPerson(random, id) {
    const first = random.int(0, firstNames.length - 1);
    const email = id.includes("@") ? id : `${asciiNames[first]}.${random.text(lowerAndDigits, 6)}@example.com`;
    return { email, full_name: `${firstNames[first]} ${random.pick(lastNames)}` };
  },
  guides: hostileGuides,
  trackTypes: hostileTrackTypes,
  reasons,
  pollTexts,
  areAnswersDescribed: false,
};

function createPlainAccountId(random: Random): string {
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

function createVisitorIds(random: Random, count: number): string[] {
  const taken = new Set<string>();
  const ids: string[] = [];
  for (let place = 0; place < count; place += 1) {
    // Ids are case-sensitive: now and then an e-mail in other letters is somebody else's id.
    let id = place % 50 === 49 ? ids[place - 2]!.toUpperCase() : createPlainVisitorId(random, place);
    while (taken.has(id)) id = createPlainVisitorId(random, place);
    taken.add(id);
    ids.push(id);
  }
  return ids;
}

function createPlainVisitorId(random: Random, place: number): string {
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
