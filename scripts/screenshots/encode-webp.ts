// From PNG, which is all that a browser's screenshot can be, to WebP, which is a third of it. The browser can do that.
import type { Browser } from "playwright-core";

/** Of 1. Letters stay sharp, and the file of a full page stays below what the check allows. */
const quality = 0.85;

export async function encodeWebp(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const data = await page.evaluate(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${png.toString("base64")}";
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", ${quality}).split(",")[1];
  })()`);
  await page.close();
  return Buffer.from(String(data), "base64");
}
