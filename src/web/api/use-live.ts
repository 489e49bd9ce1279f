// The pages follow the data: the server says what kind of thing has changed, and whoever shows such things asks again.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { type Topic, topics } from "../../contract/changes.ts";
import { headersOf, root } from "./call.ts";

type Listener = (topic: Topic) => void;

const listeners = new Set<Listener>();

/** Calls back at most once a second while something of these topics changes. */
export function useLive(topics: readonly Topic[], onChange: () => void): void {
  const latest = useRef(onChange);
  latest.current = onChange;
  const key = topics.join(" ");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listener: Listener = (topic) => {
      if (!key.split(" ").includes(topic) || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        latest.current();
      }, 1_000);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      clearTimeout(timer);
    };
  }, [key]);
}

/**
 * Asks again for everything whose key begins with one of these, as soon as something of these topics changes. What could not be
 * loaded goes on saying so: asked for with each change, it would look as if it were always about to come.
 */
export function useLiveQueries(topics: readonly Topic[], keys: readonly (readonly unknown[])[]): void {
  const client = useQueryClient();
  useLive(topics, () => {
    for (const queryKey of keys)
      void client.invalidateQueries({
        queryKey,
        predicate: ({ state: { data, error } }) => data !== undefined || !error,
      });
  });
}

/** Listens as long as the page is open; once, in the frame of all pages. */
export function useChanges(): void {
  useEffect(() => {
    const abort = new AbortController();
    void listen(abort.signal);
    return () => abort.abort();
  }, []);
}

/** Not an EventSource: that one could not say which workspace is meant. */
async function listen(signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const response = await fetch(`${root}/changes`, { headers: headersOf(), signal });
      if (response.status === 401 || response.status === 403) return;
      if (response.ok && response.body) {
        if (failures > 0) tellAll();
        failures = 0;
        await readLines(response.body, (line) => {
          for (const topic of line.startsWith("data:") ? readTopics(line.slice(5)) : [])
            for (const listener of listeners) listener(topic);
        });
      }
    } catch {
      if (signal.aborted) return;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 1_000 * 2 ** Math.min(failures, 5))));
  }
}

/** Whatever happened while nobody listened is asked for now. */
function tellAll(): void {
  for (const topic of topics) for (const listener of listeners) listener(topic);
}

async function readLines(body: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = `${rest}${part.value}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.trim());
  }
}

function readTopics(text: string): Topic[] {
  try {
    return (JSON.parse(text) as { topics: Topic[] }).topics;
  } catch {
    return [];
  }
}
