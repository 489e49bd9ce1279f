// Pages in a real browser: what came over the wire for each, and what it told of itself.
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { type Seen, writeWatcher } from "./watch-page.ts";

type Wire = {
  /** Bytes as they were sent, compressed where they were, with their headers. */
  scripts: number;
  styles: number;
  answers: number;
  /** Requests that the cache did not answer. */
  requests: number;
  /** Names of scripts, from the cache or not. */
  scriptNames: string[];
};

export type Visited = Seen & Wire;

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Milliseconds without a request or a change until a page counts as complete, and that it may take. */
const calm = 300;
const most = 60_000;

export type Visitor = {
  page: Page;
  visit: (path: string) => Promise<Visited>;
  /** Does something, and resolves to what the page told of it once nothing happens any more. */
  use: (act: (page: Page) => Promise<void>) => Promise<Seen>;
  stop: () => Promise<void>;
};

/** A browser with an empty cache. */
export async function openVisitor(
  browser: Browser,
  { url, state, mark }: { url: string; state?: State; mark?: string | undefined },
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    ...(state && { storageState: state }),
  });
  context.setDefaultTimeout(most);
  await context.addInitScript(writeWatcher(mark));
  const page = await context.newPage();
  const wire = watchWire(await context.newCDPSession(page));
  return {
    page,
    async visit(path) {
      await wire.begin();
      await page.goto(path);
      const seen = await readWhenCalm(page, () => wire.isQuiet(), path);
      return { ...seen, ...wire.read() };
    },
    async use(act) {
      await page.evaluate("watcher.forget()");
      await act(page);
      return readWhenCalm(page, () => wire.isQuiet(), page.url());
    },
    stop: () => context.close(),
  };
}

async function readWhenCalm(page: Page, isQuiet: () => boolean, what: string): Promise<Seen> {
  const until = Date.now() + most;
  for (;;) {
    const calmFor = Number(await page.evaluate("watcher.calmFor()"));
    const seen = (await page.evaluate("seen")) as Seen;
    if (isQuiet() && calmFor > calm && seen.drawnAt !== undefined) return seen;
    if (Date.now() > until) throw new Error(`${what} did not come to rest: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The stream of changes stays open as long as the page. */
const isEndless = (url: string) => url.endsWith("/changes");

function watchWire(session: CDPSession): { begin: () => Promise<void>; isQuiet: () => boolean; read: () => Wire } {
  let under = new Set<string>();
  let urls = new Map<string, string>();
  let cached = new Set<string>();
  let wire = createWire();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (isEndless(request.url)) return;
    urls.set(requestId, request.url);
    under.add(requestId);
  });
  session.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache) cached.add(requestId);
  });
  session.on("Network.loadingFailed", ({ requestId }) => under.delete(requestId));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    under.delete(requestId);
    const url = urls.get(requestId);
    if (url === undefined) return;
    const { pathname } = new URL(url);
    if (pathname.endsWith(".js")) wire.scriptNames.push(pathname.slice(pathname.lastIndexOf("/") + 1));
    if (cached.has(requestId)) return;
    wire.requests += 1;
    if (pathname.endsWith(".js")) wire.scripts += encodedDataLength;
    else if (pathname.endsWith(".css")) wire.styles += encodedDataLength;
    else if (pathname.includes("/api/")) wire.answers += encodedDataLength;
  });
  return {
    async begin() {
      await session.send("Network.enable");
      under = new Set();
      urls = new Map();
      cached = new Set();
      wire = createWire();
    },
    isQuiet: () => under.size === 0,
    read: () => ({ ...wire, scriptNames: [...new Set(wire.scriptNames)] }),
  };
}

function createWire(): Wire {
  return { scripts: 0, styles: 0, answers: 0, requests: 0, scriptNames: [] };
}
