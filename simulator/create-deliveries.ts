// From options to deliveries: the one place that says what a run depends on.
import { type Content, type Delivery, describeMoment, renderDelivery } from "./deliveries/render-delivery.ts";
import type { Moment } from "./history/moment.ts";
import { planHistory } from "./history/plan-history.ts";
import type { Options } from "./options.ts";
import { createWorld } from "./world/create-world.ts";
import type { World } from "./world/types.ts";

export type DeliveryOptions = Pick<Options, "seed" | "count" | "now" | "days" | "accounts" | "visitors" | "mix"> &
  Partial<Pick<Options, "words" | "live">>;

export type Deliveries = {
  world: World;
  count: number;
  /** In order of time, one for each delivery. */
  moments: readonly Moment[];
  /** Made anew at each call, always the same. */
  render: (index: number) => Delivery;
  /** What the delivery of this index is about, without its bytes. */
  describe: (index: number) => Content;
};

/** Seconds. Long enough for an NPS reason that comes minutes after the score. */
const shortestPeriod = 15 * 60;
const day = 24 * 3600;

export function createDeliveries({ seed, count, now, days, live, ...options }: DeliveryOptions): Deliveries {
  const { accounts, visitors, mix, words = "hostile" } = options;
  const period = { from: now - Math.max(shortestPeriod, Math.round((days ?? 0) * day)), to: now };
  const world = createWorld(seed, { accounts, visitors, words }, period);
  // What comes later happens to the same people, with nobody new among them.
  const span = live === undefined ? period : { from: now, to: now + live };
  const moments = planHistory(seed, { ...world, period: span }, { count, mix });
  const run = JSON.stringify([seed, span, count, accounts, visitors, Object.entries(mix).sort()]);
  const getMoment = (index: number) => {
    const moment = moments[index];
    if (!moment) throw new Error(`there is no delivery ${index} of ${moments.length}`);
    return moment;
  };
  return {
    world,
    count,
    moments,
    render: (index) => renderDelivery(run, world, getMoment(index)),
    describe: (index) => describeMoment(run, world, getMoment(index)),
  };
}
