// Processor time by process, from /proc: what tells where two cores went.
import { readdirSync, readFileSync } from "node:fs";

const tick = 10;

/** Milliseconds of processor time that each process has used, under a readable name. */
function readCpuTimes(): Map<string, number> {
  const times = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const name = nameProcess(command);
      times.set(name, (times.get(name) ?? 0) + (Number(fields[11]) + Number(fields[12])) * tick);
    } catch {
      // It has ended meanwhile.
    }
  }
  return times;
}

function nameProcess(command: string): string {
  if (command.includes("plumbline.mjs")) return "Plumbline";
  if (command.startsWith("postgres: ") || command.includes("/bin/postgres ")) return "PostgreSQL";
  return command.includes("bench-load.js") ? "load generator" : "everything else";
}

/** Runs `work` and resolves to what it gives, and the processor time used meanwhile by process, in milliseconds. */
export async function withCpuTimes<T>(work: () => Promise<T>): Promise<{ result: T; used: Map<string, number> }> {
  const before = readCpuTimes();
  const result = await work();
  const after = readCpuTimes();
  return { result, used: new Map([...after].map(([name, time]) => [name, time - (before.get(name) ?? 0)])) };
}
