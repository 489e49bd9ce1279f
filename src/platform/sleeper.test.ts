import { expect, test, vi } from "vitest";
import { createSleeper } from "./sleeper.ts";

test("a sleep lasts its time, or until somebody rouses it; after the end there is none", async () => {
  vi.useFakeTimers();
  try {
    const sleeper = createSleeper();
    const ends: string[] = [];
    const note = (name: string, milliseconds: number) => sleeper.sleep(milliseconds).then(() => ends.push(name));
    sleeper.rouse(); // Nobody sleeps yet: the next sleep is not shortened.
    const whole = note("whole", 1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await whole;
    const roused = note("roused", 1_000);
    sleeper.rouse();
    await roused;
    const ended = note("ended", 1_000);
    sleeper.end();
    await ended;
    await note("never", 1_000);
    expect(ends).toEqual(["whole", "roused", "ended", "never"]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
