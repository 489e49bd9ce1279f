// What a process holds in memory, looked at four times a second.
import { readFileSync } from "node:fs";

export type MemoryWatch = {
  /** In MB. */
  worst: () => number;
  /** One figure a second, in MB. */
  series: () => number[];
  /** Now, and the most since it was asked last. */
  describe: () => string;
  stop: () => void;
};

const every = 250;

export function watchMemory(pid: number): MemoryWatch {
  const samples: number[] = [];
  let asked = 0;
  const look = () => {
    const megabytes = readMegabytes(pid);
    if (megabytes !== undefined) samples.push(megabytes);
  };
  look();
  const timer = setInterval(look, every);
  return {
    worst: () => Math.max(...samples),
    series: () => samples.filter((_, index) => index % (1_000 / every) === 0),
    describe() {
      const since = samples.slice(asked);
      asked = samples.length;
      return `${samples.at(-1)} MB, at most ${Math.max(...since)} MB`;
    },
    stop: () => clearInterval(timer),
  };
}

function readMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}
