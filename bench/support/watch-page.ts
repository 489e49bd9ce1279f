// What a page tells of itself while it loads and is used. Runs in the browser before anything of the page, as a text: types of
// browsers are only in the pages' own program.

export type Seen = {
  /** Milliseconds since the navigation began; missing: not yet. */
  firstPaint?: number;
  drawnAt?: number;
  /** All layout shifts that no hand has caused, added up, and what was moved furthest. */
  shift: number;
  shifted?: string;
  /** Milliseconds of the longest task. */
  longestTask: number;
  /** Milliseconds from the latest key or press to the next paint, the longest of all; 0: the browser tells of none below 16. */
  answer: number;
  /** Milliseconds from the latest key or press until nothing was added to the page any more. */
  complete: number;
};

/** `mark`: what has to be there, beside a heading and no placeholder, for the page to count as drawn. */
export function writeWatcher(mark = "h1"): string {
  return `{
    const seen = (window.seen = { shift: 0, longestTask: 0, answer: 0, complete: 0 });
    const busy = "[aria-busy=true], .mantine-Skeleton-root";
    let furthest = 0, usedAt = 0, changedAt = 0;
    const observe = (type, read, options) =>
      new PerformanceObserver((list) => list.getEntries().forEach(read)).observe({ type, buffered: true, ...options });
    observe("paint", ({ name, startTime }) => { if (name === "first-contentful-paint") seen.firstPaint = startTime; });
    observe("layout-shift", ({ hadRecentInput, value, sources }) => {
      if (hadRecentInput) return;
      seen.shift += value;
      if (value <= furthest) return;
      furthest = value;
      seen.shifted = sources.map(({ node }) => node?.nodeName + "." + (node?.className ?? "") + " " + (node?.textContent ?? "").slice(0, 40)).join(" | ");
    });
    observe("longtask", ({ duration }) => { seen.longestTask = Math.max(seen.longestTask, duration); });
    observe("event", ({ interactionId, duration }) => {
      if (interactionId > 0) seen.answer = Math.max(seen.answer, duration);
    }, { durationThreshold: 16 });
    const isDrawn = () => document.querySelector("h1") && document.querySelector(${JSON.stringify(mark)}) && !document.querySelector(busy);
    const look = () => {
      changedAt = performance.now();
      seen.complete = changedAt - usedAt;
      if (!isDrawn()) delete seen.drawnAt;
      // Behind the frame that shows it.
      else if (seen.drawnAt === undefined) {
        seen.drawnAt = changedAt;
        requestAnimationFrame(() => setTimeout(() => { if (seen.drawnAt !== undefined) seen.drawnAt = performance.now(); }));
      }
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
    for (const type of ["pointerdown", "keydown"])
      addEventListener(type, ({ timeStamp }) => { usedAt = timeStamp; seen.complete = 0; }, true);
    window.watcher = {
      calmFor: () => performance.now() - Math.max(changedAt, usedAt),
      forget: () => { seen.answer = 0; seen.complete = 0; },
    };
  }`;
}
