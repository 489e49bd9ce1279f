/** The simulator's time, in epoch milliseconds: where the history ends, and from there on as real time passes. */
export type Clock = {
  now: () => number;
  /** Milliseconds; a test need not wait for what is late. */
  advance: (milliseconds: number) => void;
};

/** A clock that does not run moves only when it is advanced. */
export function createClock(start: number, isRunning: boolean): Clock {
  const startedAt = Date.now();
  let advanced = 0;
  return {
    now: () => start + advanced + (isRunning ? Date.now() - startedAt : 0),
    advance: (milliseconds) => {
      advanced += milliseconds;
    },
  };
}
