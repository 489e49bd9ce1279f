import type { Random } from "../random.ts";

/** The indexes of deliveries that are never sent, whatever `duplicates` there would have been of them. */
export function chooseLost(random: Random, { count, lose }: { count: number; lose: number }): Set<number> {
  const lost = new Set<number>();
  if (lose === 0) return lost;
  for (let index = 0; index < count; index += 1) if (random.chance(lose)) lost.add(index);
  return lost;
}
