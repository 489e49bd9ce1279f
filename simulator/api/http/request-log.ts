// What was asked of the API, for tests that want to know how a client behaves.
import type { Json } from "../../world/types.ts";

type LoggedRequest = {
  /** Epoch milliseconds of the real clock. */
  at: number;
  method: string;
  /** The path with its query, as it was asked for. */
  path: string;
  /** The pattern it matched; `unknown` for none. */
  route: string;
  /** Null where there was no answer. */
  status: number | null;
  fault: string | null;
  milliseconds: number;
  bytes: number;
  body: Json;
};

export type RequestLog = {
  add: (request: LoggedRequest) => void;
  total: () => number;
  /** By method and route, and then by status (`none` without an answer). */
  counts: () => Record<string, Record<string, number>>;
  /** The newest last. */
  last: () => readonly LoggedRequest[];
  clear: () => void;
};

const mostKept = 500;

export function createRequestLog(): RequestLog {
  let total = 0;
  let kept: LoggedRequest[] = [];
  let counts = new Map<string, Map<string, number>>();
  return {
    add: (request) => {
      total += 1;
      kept.push(request);
      if (kept.length > mostKept * 2) kept = kept.slice(-mostKept);
      const name = `${request.method} ${request.route}`;
      const statuses = counts.get(name) ?? new Map<string, number>();
      const status = String(request.status ?? "none");
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      counts.set(name, statuses);
    },
    total: () => total,
    counts: () => Object.fromEntries([...counts].map(([name, statuses]) => [name, Object.fromEntries(statuses)])),
    last: () => kept.slice(-mostKept),
    clear: () => {
      total = 0;
      kept = [];
      counts = new Map();
    },
  };
}
