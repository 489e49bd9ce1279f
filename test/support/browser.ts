// A real browser for tests: one that is installed, or Debian's chromium where we may install it. Every page is watched: an error
// on its console, a broken policy or a request that failed lets the test fail.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { createOpenFolder } from "./plumbline-process.ts";

const places = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  // What playwright has fetched before, for this version of it.
  chromium.executablePath(),
];

export function findBrowser(): string {
  const found = places.find((path) => path !== undefined && existsSync(path));
  return found ?? installChromium();
}

/** Only what the machine's own packages have, and only where this user may install them. */
function installChromium(): string {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const run = (...words: string[]) => {
    const [command = "", ...rest] = [...prefix, ...words];
    return (
      spawnSync(command, rest, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })
        .status === 0
    );
  };
  const isInstalled =
    run("apt-get", "install", "-y", "--no-install-recommends", "chromium") ||
    (run("apt-get", "update") && run("apt-get", "install", "-y", "--no-install-recommends", "chromium"));
  if (isInstalled && existsSync("/usr/bin/chromium")) return "/usr/bin/chromium";
  throw new Error(
    "No browser was found, and none could be installed: install Debian's chromium (apt-get install chromium), or say in CHROMIUM_PATH where one is.",
  );
}

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    // Containers have a small /dev/shm, and root has no sandbox.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

export type Watched = {
  page: Page;
  /** What went wrong since the last look, and is forgotten with it. */
  takeTroubles: () => string[];
  context: BrowserContext;
};

type Options = {
  url: string;
  state?: Awaited<ReturnType<BrowserContext["storageState"]>>;
  width?: number;
  scheme?: "light" | "dark";
  /** Of the picture to one of the page. */
  pixels?: number;
};

export async function openPage(
  browser: Browser,
  { url, state, width = 1440, scheme = "light", pixels = 1 }: Options,
): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: width > 600 ? 900 : 844 },
    deviceScaleFactor: pixels,
    colorScheme: scheme,
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    ...(state && { storageState: state }),
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => {
    // A request that the API refuses is told by the response, too.
    if (["error", "warning"].includes(message.type()) && !/^Failed to load resource/.test(message.text()))
      troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("response", (response) => {
    if (response.status() >= 500) troubles.push(`${response.status()} ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    // A page that is left breaks off what it was reading.
    const reason = request.failure()?.errorText ?? "failed";
    if (reason !== "net::ERR_ABORTED") troubles.push(`${reason} ${request.url()}`);
  });
  return { page, context, takeTroubles: () => troubles.splice(0) };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
type AxeResult = {
  violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
};

/** What axe finds that is serious or critical, each as a line. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Not as a script of the page: its policy would refuse it, and rightly.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  await session.detach();
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target }) => target.join(" "))
          .slice(0, 3)
          .join(" | ")}`,
    );
}

/** By how many pixels the page is wider than the window. */
export async function measureOverflow(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
}

/** Keeps a picture of what was there when a test failed, and says where. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  const path = join(createOpenFolder(), `${name}.png`);
  await page.screenshot({ path, fullPage: true }).catch(() => {});
  return path;
}

/** The version, for whoever reads the log of a test run. */
export function describeBrowser(): string {
  return execFileSync(findBrowser(), ["--version"], { encoding: "utf8" }).trim();
}
