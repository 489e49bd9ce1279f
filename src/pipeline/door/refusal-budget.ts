// How many refused requests of a connection are kept with their body: plenty for finding a mistake, too few to fill a
// disk. Beyond it they are only counted.

const burst = 100;
const perSecond = 0.1;

/** Returns a function that says whether one more refusal of this connection is kept. */
export function createRefusalBudget(now: () => number = () => performance.now()): (connectionId: string) => boolean {
  const budgets = new Map<string, { left: number; at: number }>();
  return (connectionId) => {
    const at = now();
    const budget = budgets.get(connectionId) ?? { left: burst, at };
    const left = Math.min(burst, budget.left + ((at - budget.at) / 1000) * perSecond);
    budgets.set(connectionId, { left: left >= 1 ? left - 1 : left, at });
    return left >= 1;
  };
}
