// Trouble on demand: a share of the requests, or the next few, are answered as a bad day of the real API would.
import { createRandom } from "../../random.ts";

/**
 * A status is answered instead of the answer; `slow` answers late; `trickle` pauses after every 64 KB; `cut` breaks off in
 * the middle of the answer; `stall` says nothing more from there on and keeps the connection; `reset` breaks the connection without one; `hang` never answers; `empty` answers 200 without a body; `html` answers
 * 200 with the page of some proxy.
 */
export const faultKinds = ["slow", "trickle", "cut", "stall", "reset", "hang", "empty", "html"] as const;
export type FaultKind = (typeof faultKinds)[number] | number;

export type FaultRule = {
  fault: FaultKind;
  /** Of the requests it applies to; 1 without it. */
  share?: number;
  /** So many times, then never again. */
  times?: number;
  /** Requests whose route contains this; all without it. */
  route?: string;
  /** How late a slow answer is, how long a pause is, or when to come back after a 429 or 503 (0 does not say). */
  milliseconds?: number;
  /** Of the answer, before it breaks off or stalls; where it has no more, it is whole. Half of the first 64 KB without it. */
  bytes?: number;
};

/** The right answer, on a bad way. */
export function isAboutTheWay({ fault }: FaultRule): boolean {
  return fault === "slow" || fault === "trickle" || fault === "cut" || fault === "stall";
}

export type Faults = {
  list: () => readonly FaultRule[];
  set: (rules: readonly FaultRule[]) => void;
  /** What happens to the next request. The same seed and the same requests give the same faults. */
  choose: (route: string) => FaultRule | undefined;
};

export function createFaults(seed: string, first: readonly FaultRule[]): Faults {
  let rules = first.map((rule) => ({ ...rule }));
  let requests = 0;
  return {
    list: () => rules,
    set: (wanted) => {
      rules = wanted.map((rule) => ({ ...rule }));
    },
    choose: (route) => {
      requests += 1;
      let drawn = createRandom(seed, "fault", requests).next();
      for (const rule of rules) {
        if (rule.times === 0 || (rule.route !== undefined && !route.includes(rule.route))) continue;
        const share = rule.share ?? 1;
        if (drawn >= share) {
          drawn -= share;
          continue;
        }
        if (rule.times !== undefined) rule.times -= 1;
        return rule;
      }
      return undefined;
    },
  };
}
