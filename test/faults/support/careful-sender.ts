// A sender as Pendo should be: constant load, and whatever is not acknowledged is sent again until it is. It remembers
// every answer, and notes those that no door may give.
import type { Random } from "../../../simulator/random.ts";
import { sendDelivery } from "../../support/sender.ts";
import type { MarkedDelivery } from "./deliveries.ts";

type Acknowledgement = { deliveryId: string; sentAt: number; answeredAt: number; tries: number };

export type CarefulSender = {
  /** New deliveries a second from now on; 0: none. */
  setRate: (perSecond: number) => void;
  /** Resolves when everything begun has been acknowledged; rejects after `mostMs`. */
  finish: (mostMs: number) => Promise<void>;
  /** All that were acknowledged. */
  sent: () => MarkedDelivery[];
  acknowledgements: readonly Acknowledgement[];
  /** Begun and not acknowledged yet. */
  underWay: () => number;
  /** Answers by status; "none" where the connection broke before one. */
  answers: Readonly<Record<string, number>>;
  /** Answers that break the rules of the door. */
  problems: readonly string[];
};

/** More are not under way at once: what is due then waits. */
const mostUnderWay = 1_000;
const tick = 10;

export function createCarefulSender(options: {
  /** Where to send; asked anew for each try, so that a retry may come through another door. */
  urls: () => readonly string[];
  secret: string | null;
  random: Random;
  create: (index: number) => MarkedDelivery;
}): CarefulSender {
  const { urls, secret, random, create } = options;
  const acknowledged: MarkedDelivery[] = [];
  const acknowledgements: Acknowledgement[] = [];
  const answers: Record<string, number> = {};
  const problems: string[] = [];
  const underWay = new Set<Promise<void>>();
  let rate = 0;
  let due = 0;
  let lastTick = performance.now();
  let index = 0;
  let isGivenUp = false;

  const timer = setInterval(() => {
    const now = performance.now();
    due += ((now - lastTick) / 1000) * rate;
    lastTick = now;
    for (; due >= 1; due -= 1) {
      if (underWay.size >= mostUnderWay) due = 1;
      else begin(create(index++));
    }
  }, tick);

  function begin(delivery: MarkedDelivery): void {
    const delivering = deliver(delivery).finally(() => underWay.delete(delivering));
    underWay.add(delivering);
  }

  async function deliver(delivery: MarkedDelivery): Promise<void> {
    for (let tries = 1; !isGivenUp; tries += 1) {
      const sentAt = performance.now();
      const answer = await sendDelivery(random.pick(urls()), delivery.body, { secret }).catch(() => undefined);
      const status = answer ? String(answer.status) : "none";
      answers[status] = (answers[status] ?? 0) + 1;
      if (answer?.status === 200) {
        acknowledged.push(delivery);
        acknowledgements.push({
          deliveryId: JSON.parse(answer.body).deliveryId,
          sentAt,
          answeredAt: performance.now(),
          tries,
        });
        return;
      }
      if (answer && answer.status !== 503 && answer.status !== 429) {
        problems.push(`refused: ${delivery.marker} was answered ${answer.status} ${answer.body}`);
        return;
      }
      const retryAfter = Number(answer?.headers["retry-after"]);
      if (answer && !(retryAfter > 0)) problems.push(`no Retry-After: with the answer ${answer.status} ${answer.body}`);
      await new Promise((resolve) => setTimeout(resolve, answer ? Math.min(1_000, retryAfter * 1_000) : 100));
    }
  }

  return {
    setRate(perSecond) {
      rate = perSecond;
      due = 0;
      lastTick = performance.now();
    },
    async finish(mostMs) {
      rate = 0;
      clearInterval(timer);
      const giveUp = setTimeout(() => {
        isGivenUp = true;
        problems.push(`not taken in: ${underWay.size} deliveries, tried for ${mostMs} ms`);
      }, mostMs);
      await Promise.all(underWay);
      clearTimeout(giveUp);
    },
    sent: () => [...acknowledged],
    acknowledgements,
    underWay: () => underWay.size,
    answers,
    problems,
  };
}

export function describeAnswers(answers: Readonly<Record<string, number>>): string {
  return Object.entries(answers)
    .map(([status, count]) => `${status}: ${count}`)
    .join(", ");
}
