// npm run screenshots: makes the pictures of docs/pictures/ anew, of the demo's workspace as its administrator sees it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { packageRoot } from "../src/platform/package-root.ts";
import { openPage, startBrowser } from "../test/support/browser.ts";
import { encodeWebp } from "./screenshots/encode-webp.ts";
import { listPictures, type Picture } from "./screenshots/list-pictures.ts";
import { type Demo, startDemo } from "./screenshots/start-demo.ts";
import { takePicture } from "./screenshots/take-picture.ts";
import { usePlainFonts } from "./screenshots/use-plain-fonts.ts";

const folder = join(packageRoot, "docs/pictures");
/** To one of the page, for screens that have two. */
const pixels = 2;

type State = Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>;

async function makePictures(): Promise<void> {
  process.chdir(packageRoot);
  const stops: (() => unknown)[] = [];
  try {
    stops.push(usePlainFonts().stop);
    const browser = await startBrowser();
    stops.push(() => browser.close());
    console.log("Filling a demo's workspace. This takes a minute.");
    const demo = await startDemo();
    stops.push(demo.stop);
    await writePictures(browser, demo);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function writePictures(browser: Browser, demo: Demo): Promise<void> {
  const pictures = await listPictures(demo);
  const state = await becomeAdministrator(browser, demo);
  // The timetable begins both once more within a minute: until then, their next run is said to have been.
  await demo.api.waitFor("/reports", ({ items }) => items.every(isAhead));
  // All at the same moment: three minutes after the last webhook, when nothing is "just now".
  const { items } = await demo.api.get("/deliveries?limit=1");
  const now = new Date(items[0].receivedAt).getTime() + 3 * 60_000;
  const files = new Map<string, Buffer>();
  for (const picture of pictures) {
    const file = await openAndTake(browser, { picture, url: demo.url, state, now });
    files.set(`${picture.name}.webp`, file);
    console.log(`docs/pictures/${picture.name}.webp  ${Math.ceil(file.length / 1024)} KiB`);
  }
  // All or none; those that are not made any more go.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of files) writeFileSync(join(folder, name), file);
}

function isAhead({ nextAt, lastRun }: { nextAt: string; lastRun: { state: string } }): boolean {
  return new Date(nextAt).getTime() > Date.now() && lastRun.state !== "running";
}

async function becomeAdministrator(browser: Browser, { url, setupLink }: Demo): Promise<State> {
  const { page, context } = await openPage(browser, { url });
  await page.goto(setupLink);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill("ada@acme.example");
  await page.getByLabel("Password", { exact: true }).fill("four words nobody guesses");
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

type Take = { picture: Picture; url: string; state: State; now: number };

async function openAndTake(browser: Browser, { picture, url, state, now }: Take): Promise<Buffer> {
  const { width = 1440, scheme = "light" } = picture;
  const { page, context, takeTroubles } = await openPage(browser, { url, state, width, scheme, pixels });
  await page.clock.setFixedTime(now);
  await page.goto(picture.path);
  await picture.find(page).waitFor();
  const png = await takePicture(page, picture.top?.(page));
  const troubles = takeTroubles();
  if (troubles.length > 0) throw new Error(`${picture.name} has troubles:\n${troubles.join("\n")}`);
  await context.close();
  return encodeWebp(browser, png);
}

await makePictures();
