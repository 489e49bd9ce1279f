import { isLimitedKind, type Kind, kinds, type LimitedKind, type Mix } from "./kinds.ts";

export type Limits = Record<LimitedKind, number>;
export type Counts = Record<Kind, number>;

/**
 * Divides `count` deliveries among the kinds of the mix, to the last one. What the world cannot give of a limited kind
 * goes to the kinds without a limit; throws where there are none.
 */
export function chooseCounts(count: number, mix: Mix, limits: Limits): Counts {
  const counts = divide(count, mix);
  let missing = 0;
  for (const kind of kinds) {
    if (!isLimitedKind(kind) || counts[kind] <= limits[kind]) continue;
    missing += counts[kind] - limits[kind];
    counts[kind] = limits[kind];
  }
  if (missing === 0) return counts;
  const free = Object.fromEntries(Object.entries(mix).filter(([kind]) => !isLimitedKind(kind as Kind))) as Mix;
  if (!Object.values(free).some((weight) => weight > 0)) {
    throw new Error(
      `This world can give ${count - missing} deliveries of these kinds, not ${count}. Raise --visitors or --days, or add a kind without a limit (trackEventReceived).`,
    );
  }
  const extra = divide(missing, free);
  for (const kind of kinds) counts[kind] += extra[kind];
  return counts;
}

/** Largest remainders, so that the parts add up to the whole. */
function divide(count: number, mix: Mix): Counts {
  const sum = kinds.reduce((total, kind) => total + (mix[kind] ?? 0), 0);
  const exact = kinds.map((kind) => ({ kind, share: ((mix[kind] ?? 0) / sum) * count }));
  const counts = Object.fromEntries(exact.map(({ kind, share }) => [kind, Math.floor(share)])) as Counts;
  const left = count - kinds.reduce((total, kind) => total + counts[kind], 0);
  const byRemainder = exact.filter(({ share }) => share > 0).sort((a, b) => (b.share % 1) - (a.share % 1));
  for (const { kind } of byRemainder.slice(0, left)) counts[kind] += 1;
  return counts;
}
