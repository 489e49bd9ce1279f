// One picture of a page, when nothing on it moves any more.
import type { Locator, Page } from "playwright-core";

const patience = 30_000;
const interval = 200;

/** A PNG file of what the window shows, scrolled to `top` where that is given. */
export async function takePicture(page: Page, top?: Locator): Promise<Buffer> {
  const until = Date.now() + patience;
  await page.evaluate("document.fonts.ready.then(() => true)");
  // A panel that is opened by its address takes the focus as if by a key, and shows where it is.
  await page.evaluate("document.activeElement?.blur()");
  let before: Buffer | undefined;
  for (;;) {
    const busy = await page.locator("[aria-busy=true], .mantine-Skeleton-root, .mantine-Notification-root").count();
    await top?.evaluate((element) => element.scrollIntoView({ block: "start" }));
    const picture = await page.screenshot({ animations: "disabled" });
    if (busy === 0 && before?.equals(picture)) return picture;
    before = busy === 0 ? picture : undefined;
    if (Date.now() > until)
      throw new Error(`${page.url()} does not come to rest: two pictures of it are never the same.`);
    await page.waitForTimeout(interval);
  }
}
