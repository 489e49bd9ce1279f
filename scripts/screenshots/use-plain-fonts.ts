// The pages use the system's own font, and a machine without a desktop has one that nobody's has. Where fontconfig says what that
// is, a browser that is started after this has Liberation Sans, which is as wide as Arial.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const system = "/etc/fonts/fonts.conf";
/** What has no family of its own, such as the system's font, is drawn in the last one that is asked for. */
const rules = `
<match target="pattern">
  <test name="family"><string>monospace</string></test>
  <edit name="family" mode="assign" binding="strong"><string>Liberation Mono</string></edit>
</match>
<match target="pattern">
  <edit name="family" mode="append_last"><string>Liberation Sans</string></edit>
</match>`;

export function usePlainFonts(): { stop: () => void } {
  if (!existsSync(system)) return { stop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "plumbline-fonts-"));
  const file = join(folder, "fonts.conf");
  writeFileSync(
    file,
    `<?xml version="1.0"?><fontconfig>${rules}<include>${system}</include></fontconfig>
`,
  );
  process.env.FONTCONFIG_FILE = file;
  return {
    stop() {
      delete process.env.FONTCONFIG_FILE;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
