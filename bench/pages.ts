// The pages in a real browser, at many events: what comes over the wire, when something is seen, when all of it is drawn, whether
// it jumps, and how soon it answers to hands; beside a bare page of a bare server in the same browser, in between.
// Smaller: --events 100000 --rounds 2 --save false; --only nps measures pages and uses with this in their name alone.
// With --keep <folder> the database is built there once, and left; --measure false only builds it.

import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { describeBrowser, startBrowser } from "../test/support/browser.ts";
import { kibibytes, listChartScripts, weigh } from "../test/support/built-pages.ts";
import { createFirstAdmin, goodPassword } from "../test/support/members.ts";
import { cleanEnvironment, startPlumbline } from "../test/support/plumbline-process.ts";
import { createVisitor } from "../test/support/visitor.ts";
import { openFilled } from "./support/open-filled.ts";
import { startBarePage } from "./support/programs.ts";
import { createReport, median, oneDigit, reportDatabase, whole } from "./support/report.ts";
import { listUses } from "./support/uses.ts";
import { openVisitor, type Visited } from "./support/visits.ts";

const { values: flags } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    workspaces: { type: "string", default: "50" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    save: { type: "string", default: "true" },
    keep: { type: "string" },
    measure: { type: "string", default: "true" },
  },
});
const rounds = Number(flags.rounds);
const goals = { scripts: 230, firstPaint: 1_000, shift: 0.1, answer: 100 };
const email = "ada@acme.example";

const report = createReport(flags.events === "1000000" ? "pages" : `pages-${flags.events}`);
const missed: string[] = [];
const filled = await openFilled({
  wanted: { events: Number(flags.events), workspaces: Number(flags.workspaces) },
  keep: flags.keep,
  isMeasured: flags.measure === "true",
});
try {
  if (flags.measure === "true") await measure();
} finally {
  await filled.stop();
}

async function measure(): Promise<void> {
  const biggest = filled.workspaces[0]!;
  await reportDatabase(report, filled.pool);
  report.line(`browser: ${describeBrowser()}, headless, 1440 × 900 pixels; over HTTP on loopback`);
  report.line(`load of the machine before (1 minute): ${oneDigit(loadavg()[0]!)}`);
  report.line(
    `\n${flags.events} events in ${filled.workspaces.length} workspaces; looked at is the biggest (${whole(Number(flags.events) * biggest.share)} events and deliveries, ${whole(biggest.users)} users, ${whole(biggest.accounts)} accounts)`,
  );
  // More pages than anybody looks at in a minute.
  const environment = {
    ...cleanEnvironment(),
    ...filled.environment,
    LOG_LEVEL: "warn",
    API_REQUESTS_PER_MINUTE: "1000000",
  };
  const plumbline = await startPlumbline({ dataDir: filled.dataDir, environment, remove: () => {} });
  const bare = await startBarePage();
  const browser = await startBrowser();
  try {
    const pages = await prepare(plumbline.url);
    const state = await signIn(browser, plumbline.url);
    const measured = { browser, url: plumbline.url, bareUrl: bare.url, state };
    await measureVisits(measured, pages.list);
    await measureUses(measured, pages.account);
  } finally {
    await browser.close();
    bare.stop();
    await plumbline.stop();
  }
  report.line(`\nload of the machine behind, this bench included: ${oneDigit(loadavg()[0]!)}`);
  report.line(`goals: ${missed.length === 0 ? "met" : `NOT met: ${missed.join("; ")}`}`);
  if (flags.save === "true") report.save();
}

type PageToVisit = { name: string; path: string; hasCharts?: true };

/** The administrator is made once and stays in a database that is kept. */
async function prepare(url: string): Promise<{ list: PageToVisit[]; account: string }> {
  const { rows } = await filled.pool.query("select count(*)::int as members from members");
  if (rows[0].members === 0) await createFirstAdmin({ url, database: filled }, email);
  const admin = createVisitor(url);
  await admin.submit("/sign-in", { email, password: goodPassword });
  const { workspaceId, connectionId } = filled.workspaces[0]!;
  await admin.call("PATCH", `/workspaces/${workspaceId}`, { hierarchy: true });
  const idOf = async (path: string) => ((await admin.call("GET", path)).json as { id: string }).id;
  const [account, user, organization] = await Promise.all(
    ["/accounts/account-0", "/users/user-0", "/organizations/organization-0"].map(idOf),
  );
  const polls = (await admin.call("GET", "/polls")).json.items as { id: string }[];
  const list: PageToVisit[] = [
    { name: "home", path: "/home" },
    { name: "accounts", path: "/accounts" },
    { name: "users", path: "/users" },
    { name: "users by name, seen in 30 days", path: "/users?sort=name&seen=30" },
    { name: "organizations", path: "/organizations" },
    { name: "the biggest account", path: `/accounts/${account}`, hasCharts: true },
    { name: "the busiest user", path: `/users/${user}`, hasCharts: true },
    { name: "the biggest organization", path: `/organizations/${organization}`, hasCharts: true },
    { name: "NPS", path: "/nps", hasCharts: true },
    { name: "polls", path: "/polls" },
    { name: "a poll", path: `/polls/${encodeURIComponent(polls[0]!.id)}`, hasCharts: true },
    { name: "deliveries", path: "/deliveries" },
    { name: "a connection", path: `/settings/integrations/${connectionId}`, hasCharts: true },
    { name: "settings", path: "/settings" },
  ];
  return { list, account: account! };
}

async function signIn(browser: Browser, url: string) {
  const { page, stop } = await openVisitor(browser, { url });
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/home$/);
  const state = await page.context().storageState();
  await stop();
  return state;
}

type Measured = { browser: Browser; url: string; bareUrl: string; state: Awaited<ReturnType<typeof signIn>> };

async function measureVisits(measured: Measured, pages: readonly PageToVisit[]): Promise<void> {
  report.line(
    `\nmedian / worst of ${rounds} visits, in ms since the navigation began; sizes in KiB as sent, compressed where they are; a cold cache, then a warm one`,
  );
  report.line(
    `${" ".repeat(36)}scripts  styles answers requests   first paint       all drawn  longest task  shift   bare page`,
  );
  const chartScripts = listChartScripts();
  for (const page of pages) {
    if (!page.name.toLowerCase().includes(flags.only)) continue;
    const { cold, warm, bare } = await visitAll(measured, page);
    describe(`${page.name}, cold`, cold, bare);
    describe("  warm", warm, bare);
    judge(page, cold, chartScripts);
  }
}

async function visitAll({ browser, url, bareUrl, state }: Measured, { path, hasCharts }: PageToVisit) {
  const [cold, warm, bare]: Visited[][] = [[], [], []];
  // The first one warms up the server and the database, not the browser's cache.
  for (let round = -1; round < rounds; round += 1) {
    const beside = await openVisitor(browser, { url: bareUrl });
    const bareVisit = await beside.visit("/");
    await beside.stop();
    const mark = hasCharts && ".recharts-surface";
    const visitor = await openVisitor(browser, { url, state, mark: mark || undefined });
    const coldVisit = await visitor.visit(path);
    const warmVisit = await visitor.visit(path);
    await visitor.stop();
    if (round < 0) continue;
    bare!.push(bareVisit);
    cold!.push(coldVisit);
    warm!.push(warmVisit);
  }
  return { cold: cold!, warm: warm!, bare: bare! };
}

type Read = (visit: Visited) => number;

function pair(visits: readonly Visited[], read: Read): string {
  const values = visits.map(read);
  return `${whole(median(values))} / ${whole(Math.max(...values))}`;
}

function firstPaint(visit: Visited): number {
  return visit.firstPaint ?? Number.NaN;
}

function worst(visits: readonly Visited[], read: Read): number {
  return Math.max(...visits.map(read));
}

function describe(name: string, visits: readonly Visited[], bare: readonly Visited[]): void {
  const { scripts, styles, answers, requests } = visits[0]!;
  const sizes = [scripts, styles, answers].map((size) => oneDigit(kibibytes(size)).padStart(8)).join("");
  const times = [firstPaint, (visit: Visited) => visit.drawnAt!, (visit: Visited) => visit.longestTask];
  report.line(
    `  ${name.padEnd(34)}${sizes}${String(requests).padStart(9)}${times.map((read) => pair(visits, read).padStart(15)).join("")}${worst(
      visits,
      ({ shift }) => shift,
    )
      .toFixed(3)
      .padStart(7)}${pair(bare, firstPaint).padStart(12)}`,
  );
}

function judge({ name, hasCharts }: PageToVisit, cold: readonly Visited[], chartScripts: readonly string[]): void {
  const { scriptNames, shifted } = cold[0]!;
  const isWith = scriptNames.some((script) => chartScripts.includes(script));
  const size = kibibytes(weigh(scriptNames));
  const miss = (text: string) => {
    missed.push(`${name}: ${text}`);
    report.line(`    OVER THE GOAL: ${text}`);
  };
  report.line(
    `    ${scriptNames.length} scripts, ${oneDigit(size)} KiB with gzip, ${isWith ? "with" : "without"} what draws charts: ${nameLargest(scriptNames)}`,
  );
  if (isWith !== (hasCharts ?? false)) miss(isWith ? "code of charts" : "no code of charts, though it has some");
  if (name === "home" && size > goals.scripts) miss(`${oneDigit(size)} KiB of scripts with gzip`);
  if (worst(cold, firstPaint) > goals.firstPaint) miss(`first paint after ${whole(worst(cold, firstPaint))} ms`);
  const shift = worst(cold, (visit) => visit.shift);
  if (shift > goals.shift / 4) report.line(`    what moves: ${shifted?.replaceAll(/\s+/g, " ").slice(0, 200)}`);
  if (shift > goals.shift) miss(`it jumps by ${shift.toFixed(3)}: ${shifted}`);
}

function nameLargest(names: readonly string[]): string {
  const sized = names.map((name) => ({ name: name.replace(/-[\w-]{8}\.js$/, ""), size: kibibytes(weigh([name])) }));
  const [...sorted] = sized.sort((one, other) => other.size - one.size);
  return sorted
    .slice(0, 6)
    .map(({ name, size }) => `${name} ${whole(size)}`)
    .join(", ");
}

async function measureUses({ browser, url, bareUrl, state }: Measured, account: string): Promise<void> {
  report.line(
    `\nmedian / worst of ${rounds} in ms: from a key or a press to the next paint (the browser tells of none below 16), and until all of it is there`,
  );
  report.line(`${" ".repeat(36)}to the next paint     all there   a bare button`);
  for (const { path, uses } of listUses({ account })) {
    const wanted = uses.some(({ name }) => name.toLowerCase().includes(flags.only)) || path.includes(flags.only);
    if (!wanted) continue;
    const answers = uses.map(() => ({ answer: [] as number[], complete: [] as number[], bare: [] as number[] }));
    for (let round = -1; round < rounds; round += 1) {
      const visitor = await openVisitor(browser, { url, state });
      const beside = await openVisitor(browser, { url: bareUrl });
      await visitor.visit(path);
      await beside.visit("/");
      for (const [place, { name, act }] of uses.entries()) {
        const bare = await beside.use((page) => page.getByRole("button").click());
        const seen = await visitor.use(act).catch((cause: Error) => {
          throw new Error(`${path}, ${name}: ${cause.message}`, { cause });
        });
        if (round < 0) continue;
        answers[place]!.answer.push(seen.answer);
        answers[place]!.complete.push(seen.complete);
        answers[place]!.bare.push(bare.answer);
      }
      await Promise.all([visitor.stop(), beside.stop()]);
    }
    for (const [place, { name }] of uses.entries()) {
      const { answer, complete, bare } = answers[place]!;
      const [own, there, base] = [answer, complete, bare].map(
        (values) => `${whole(median(values))} / ${whole(Math.max(...values))}`,
      );
      const isMet = Math.max(...answer) <= goals.answer;
      if (!isMet) missed.push(`${name}: ${whole(Math.max(...answer))} ms`);
      report.line(
        `  ${name.padEnd(34)}${own!.padStart(17)}${there!.padStart(14)}${base!.padStart(16)}${isMet ? "" : "   OVER THE GOAL"}`,
      );
    }
  }
}
