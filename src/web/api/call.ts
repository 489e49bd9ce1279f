// Calls of Plumbline's own API. A member's browser sends the session's cookie; which workspace is looked at goes along with each
// call, so that two tabs can look at two.

import type { Static } from "typebox";
import type { ErrorAnswer } from "../../contract/api.ts";
import { served } from "../served.ts";
import { findWorkspace } from "./chosen-workspace.ts";

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

type Problem = Static<typeof ErrorAnswer>;

/** What the API answers to a request that it does not take; status 0: it did not answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: NonNullable<Problem["errors"]>;

  constructor(status: number, message: string, errors: NonNullable<Problem["errors"]> = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const root = `${served.prefix}/api/v1`;

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", `${path}${toText(query)}`, undefined, signal);
}

export function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  return call<T>(method, path, body);
}

/**
 * Has the browser fetch a file of the API. It asks without our headers, for the session's last workspace: so that becomes the
 * one that this tab looks at first.
 */
export async function download(path: string, query: Query = {}): Promise<void> {
  await get("/me");
  location.assign(`${root}${path}${toText(query)}`);
}

/** Headers of every call. Changes need the word that they come from here. */
export function headersOf(): Record<string, string> {
  const workspace = findWorkspace();
  return { "x-requested-with": "Plumbline", ...(workspace !== undefined && { "x-workspace": workspace }) };
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const isText = typeof body === "string" || body instanceof Blob;
  const response = await fetch(`${root}${path}`, {
    method,
    headers: {
      ...headersOf(),
      ...(body !== undefined && { "content-type": isText ? "text/csv" : "application/json" }),
    },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: Error) => {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "Plumbline does not answer. Is it running, and are you connected?");
  });
  if (response.status === 401) return leave();
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : parse(text, response)) as T;
  const problem = parse(text, response) as Partial<Problem> | string;
  if (typeof problem === "string") throw new ApiError(response.status, `Plumbline answered ${response.status}.`);
  throw new ApiError(response.status, problem.detail ?? `Plumbline answered ${response.status}.`, problem.errors);
}

function parse(text: string, response: Response): unknown {
  if (!/json/.test(response.headers.get("content-type") ?? "")) return text;
  return JSON.parse(text);
}

/** The session is over. What was looked at is found again after signing in. */
function leave(): Promise<never> {
  const to = `${location.pathname.slice(served.prefix.length)}${location.search}`;
  location.assign(`${served.prefix}/sign-in?${new URLSearchParams({ to })}`);
  return new Promise(() => {});
}

function toText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
