import { isDatabaseAway } from "../platform/database/errors.ts";

/** What the person at the terminal is told about an error that ended a command: what happened, and what to do. */
export function explainError(error: Error & { code?: string }): string {
  const words = error.message || error.name;
  if (error.code === "53100" || error.code === "ENOSPC")
    return `The disk is full: free some space, then try again (${words}).`;
  if (isDatabaseAway(error)) return `The database does not answer: try again in a moment (${words}).`;
  return words;
}
