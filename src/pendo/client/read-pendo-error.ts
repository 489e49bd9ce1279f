// What an error of Pendo's API means for a job that met it.
import type { ErrorMeaning } from "../../platform/lease-runner.ts";
import { PendoError } from "./pendo-error.ts";

/** Undefined: it is none of Pendo's. Settings that are wrong end a job: nothing gets better before a person was there. */
export function readPendoError(error: unknown): ErrorMeaning | undefined {
  if (!(error instanceof PendoError)) return undefined;
  if (error.trouble === "stopped") return { next: "stop" };
  if (error.next.kind === "try-again") return { next: "try-again", afterMs: error.next.afterMs };
  return { next: "give-up" };
}
