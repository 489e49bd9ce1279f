// The pages use the system's own font, and a machine without a desktop has one that nobody's has. Where fontconfig says what that
// is, a browser that is started after this has Liberation Sans, which is as wide as Arial.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const system = "/etc/fonts/fonts.conf";
const chosen = {
  "system-ui": "Liberation Sans",
  sans: "Liberation Sans",
  "sans-serif": "Liberation Sans",
  monospace: "Liberation Mono",
};

export function usePlainFonts(): { stop: () => void } {
  if (!existsSync(system)) return { stop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "plumbline-fonts-"));
  const rules = Object.entries(chosen).map(
    ([asked, family]) =>
      `<match target="pattern"><test name="family"><string>${asked}</string></test>` +
      `<edit name="family" mode="assign" binding="strong"><string>${family}</string></edit></match>`,
  );
  const file = join(folder, "fonts.conf");
  writeFileSync(file, `<?xml version="1.0"?><fontconfig>${rules.join("")}<include>${system}</include></fontconfig>\n`);
  process.env.FONTCONFIG_FILE = file;
  return {
    stop() {
      delete process.env.FONTCONFIG_FILE;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
