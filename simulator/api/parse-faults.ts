import { type FaultKind, type FaultRule, faultKinds } from "./http/faults.ts";
import { parseDuration } from "./parse-duration.ts";

/** `429:0.1:30s,slow:0.02`; what is wrong with it, in words, where something is. */
export function parseFaults(text: string): FaultRule[] | string {
  const rules: FaultRule[] = [];
  for (const entry of text.split(",")) {
    const [name = "", share = "1", time] = entry.trim().split(":");
    const fault = readKind(name);
    if (fault === undefined) return `There is no fault "${name}" (a status from 400, or ${faultKinds.join(", ")}).`;
    const milliseconds = time === undefined ? undefined : parseDuration(time);
    if (time !== undefined && milliseconds === undefined) return `"${time}" is no time like 500ms, 30s or 5m.`;
    if (!(Number(share) >= 0 && Number(share) <= 1)) return `"${share}" is no share from 0 to 1.`;
    rules.push({ fault, share: Number(share), ...(milliseconds !== undefined && { milliseconds }) });
  }
  const sum = rules.reduce((total, { share = 0 }) => total + share, 0);
  return sum > 1 + 1e-9 ? "The shares are more than 1 together." : rules;
}

function readKind(name: string): FaultKind | undefined {
  if (/^[45]\d\d$/.test(name)) return Number(name);
  return faultKinds.find((kind) => kind === name);
}
