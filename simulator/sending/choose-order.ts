import type { Random } from "../random.ts";

export type OrderOptions = {
  /** Number of distinct deliveries. */
  count: number;
  isShuffled: boolean;
  /** Share of the deliveries that is sent again: 0.05 of 1,000 are 50 more requests, some for the same delivery. */
  duplicates: number;
};

/** A duplicate may follow at once, while the first is still on its way, or much later. */
const shareOfCloseDuplicates = 0.25;
const close = 8;

/** The indexes of the deliveries in the order of sending, each duplicate somewhere behind its original. */
export function chooseOrder(random: Random, { count, isShuffled, duplicates }: OrderOptions): Uint32Array {
  const all = Array.from({ length: count }, (_, index) => index);
  const originals = isShuffled ? random.shuffle(all) : all;
  const again = Array.from({ length: count > 0 ? Math.round(duplicates * count) : 0 }, () => {
    const place = random.int(0, count - 1);
    const distance = random.chance(shareOfCloseDuplicates) ? random.next() * close : random.next() * (count - place);
    return { index: originals[place]!, place: place + distance };
  });
  again.sort((a, b) => a.place - b.place);
  const order = new Uint32Array(count + again.length);
  let [next, at] = [0, 0];
  originals.forEach((index, place) => {
    order[at++] = index;
    while (again[next] && again[next]!.place < place + 1) order[at++] = again[next++]!.index;
  });
  while (next < again.length) order[at++] = again[next++]!.index;
  return order;
}
