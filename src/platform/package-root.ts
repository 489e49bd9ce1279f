// Where the package lies: the nearest folder above this file that holds package.json (the file may be bundled or not).
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("package.json was not found above the program; install the package whole.");
    folder = above;
  }
  return folder;
}

export const packageRoot = findPackageRoot();
