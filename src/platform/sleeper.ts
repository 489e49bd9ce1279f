// The sleep of a loop: cut short by whoever has work for it, and over for good once the loop is to end.
export type Sleeper = {
  /** Resolves after so many milliseconds, or as soon as it is roused; at once when it has ended. */
  sleep: (milliseconds: number) => Promise<void>;
  rouse: () => void;
  /** Rouses, and lets nobody fall asleep any more. */
  end: () => void;
};

export function createSleeper(): Sleeper {
  let hasEnded = false;
  let wakeUp = () => {};
  return {
    sleep(milliseconds) {
      if (hasEnded) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    rouse: () => wakeUp(),
    end() {
      hasEnded = true;
      wakeUp();
    },
  };
}
