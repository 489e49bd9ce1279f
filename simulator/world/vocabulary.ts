// What things and people are called in a world.
import type { Random } from "../random.ts";
import type { Account, Field, Guide, PollType } from "./types.ts";

export type Question = { type: PollType; question: string; choices?: readonly string[]; highest?: number };
/** `app` is the app's place in the world's list. */
export type GuideDraft = {
  name: string;
  purpose: Guide["purpose"];
  app: number;
  steps?: number;
  questions?: readonly Question[];
};
export type TrackTypeDraft = { name: string; app: number; fields: readonly Field[] };
type Mood = "promoter" | "passive" | "detractor";

export type Vocabulary = {
  nameCompany: (random: Random, place: number) => string;
  createAccountId: (random: Random, company: { place: number; name: string; taken: ReadonlySet<string> }) => string;
  createVisitorIds: (random: Random, count: number) => string[];
  createPerson: (random: Random, id: string, home: Account | undefined) => { full_name: string; email: string };
  guides: readonly GuideDraft[];
  trackTypes: readonly TrackTypeDraft[];
  reasons: Readonly<Record<Mood, readonly string[]>>;
  pollTexts: readonly string[];
  /** Whether answers to polls always come with the question and what the choices mean. */
  areAnswersDescribed: boolean;
};
