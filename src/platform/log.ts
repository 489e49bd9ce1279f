// Log lines: JSON, or readable on a terminal. Never bodies, addresses or secrets: what is passed here must be free of them.
import { destination, type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;

/** Bytes that wait for standard error to be writable again; what comes on top is dropped. */
const mostUnwritten = 1024 * 1024;

/** Lines go to standard error, so that a command's own output stays the only thing on standard output. */
export function createLog(options: { format: "json" | "pretty"; level: string }): Log {
  const settings = { level: options.level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (options.format === "pretty") {
    return pino(settings, pretty({ destination: 2, sync: true, translateTime: "SYS:HH:MM:ss" }));
  }
  const lines = destination({ fd: 2, sync: true, maxLength: mostUnwritten });
  // Lines that cannot be written (a full disk, a closed pipe) must not end the process.
  lines.on("error", () => {});
  return pino({ ...settings, formatters: { level: (level) => ({ level }) } }, lines);
}
