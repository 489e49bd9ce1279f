// One picture of a page, when nothing on it moves any more.
import type { Locator, Page } from "playwright-core";

/** Of 100. Letters stay sharp, and the file of a full page stays below what the check allows. */
const quality = 85;
const patience = 30_000;
const interval = 200;

/** A WebP file of what the window shows, scrolled to `top` where that is given. */
export async function takePicture(page: Page, top?: Locator): Promise<Buffer> {
  const until = Date.now() + patience;
  const session = await page.context().newCDPSession(page);
  await page.evaluate("document.fonts.ready.then(() => true)");
  let before = "";
  for (;;) {
    const busy = await page.locator("[aria-busy=true], .mantine-Skeleton-root, .mantine-Notification-root").count();
    await top?.evaluate("element => element.scrollIntoView({ block: 'start' })");
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
    if (busy === 0 && data === before) return Buffer.from(data, "base64");
    before = busy === 0 ? data : "";
    if (Date.now() > until)
      throw new Error(`${page.url()} does not come to rest: two pictures of it are never the same.`);
    await page.waitForTimeout(interval);
  }
}
