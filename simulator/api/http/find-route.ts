// Paths are split before they are decoded: an id may contain a slash.
import { Refusal } from "../refusal.ts";
import type { Answer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";

export type Route = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/api/v1/visitor/:id`; also the name under which requests are counted. */
  path: string;
  /** Needs a key with write access. */
  isWriting?: boolean;
  answer: (exchange: Exchange) => Answer | Promise<Answer>;
};

export type FoundRoute = { route: Route; parameters: Record<string, string> };

export function findRoute(routes: readonly Route[], method: string, path: string): FoundRoute | undefined {
  const segments = path.split("/");
  for (const route of routes) {
    if (route.method !== method) continue;
    const parameters = matchPath(route.path.split("/"), segments);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [place, part] of pattern.entries()) {
    const segment = segments[place]!;
    if (!part.startsWith(":")) {
      if (part !== segment) return undefined;
    } else if (segment === "") return undefined;
    else parameters[part.slice(1)] = segment;
  }
  return parameters;
}

/** Throws a Refusal where a `%` is followed by no byte, or bytes by no letter. */
export function decodeParameters(parameters: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new Refusal(400, "the path is not percent-encoded correctly");
  }
}
