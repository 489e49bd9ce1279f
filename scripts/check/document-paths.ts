// Paths and links in documents. A path is meant from the repository's root or from the document's folder; a name alone
// (`facts.ts`) may lie in any folder, an ending (`-table.ts`) must be that of some file. *, **, {a,b}, <name> and … stand
// for anything, but something must fit.
import { posix } from "node:path";
import type { SourceFile } from "./finding.ts";
import { createGlob } from "./glob.ts";
import { createIgnore } from "./list-tree.ts";
import { readMarkdown } from "./read-markdown.ts";

export type Repository = {
  documents: readonly SourceFile[];
  /** All files, below the root. */
  paths: readonly string[];
  /** The patterns of .gitignore: what they name exists at run time only. */
  ignored: readonly string[];
};

/** The problems of a path or link in a document. */
type PathCheck = (text: string, document: string) => string[];

const fileEnding = /[^.]\.(tsx?|mjs|js|json|sql|md|ya?ml|css|html|svg|png|webp|sh)$/;
const mediaType = /^(application|audio|font|image|message|multipart|text|video)\//;

/** Whether a word of code is meant as a path of the repository. */
export function isPath(word: string): boolean {
  const path = word.replace(/:\d+$/, "");
  // A path from the root of a host or a disk, a home folder, a package, an option; an address, a call, a pattern.
  if (/^([/~@]|--)/.test(path) || /[^\w./*<>{},…@-]/.test(path)) return false;
  if (!path.includes("/")) return fileEnding.test(path);
  return !mediaType.test(path) && /[a-z*]/.test(path.replace(/<[^>]*>/g, ""));
}

export function createPathCheck({ paths, ignored }: Repository): PathCheck {
  const entries = listEntries(paths);
  const isIgnored = createIgnore(ignored);
  const exists = (pattern: string): boolean => {
    if (!pattern.includes("*") && !pattern.includes("{")) return entries.has(pattern);
    const matches = createGlob(pattern);
    return [...entries].some(matches);
  };
  const isMadeLater = (path: string) =>
    path.split("/").some((_name, index, names) => isIgnored(names.slice(0, index + 1).join("/"), true));

  return (text, document) => {
    const path = text.replace(/:\d+$/, "").replace(/<[^>]*>|…/g, "*");
    const places = [posix.normalize(path), posix.join(posix.dirname(document), path)];
    if (!path.includes("/")) places.push(/^[.-]/.test(path) ? `**/*${path}` : `**/${path}`);
    if (places.some((place) => exists(place) || isMadeLater(place))) return [];
    const other = [...entries].find((entry) => entry.endsWith(`/${path}`));
    return [`names ${text}, which does not exist${other === undefined ? "" : ` (${other} does)`}`];
  };
}

export function createLinkCheck({ documents, paths }: Repository): PathCheck {
  const entries = listEntries(paths);
  const anchors = new Map(documents.map(({ path, text }) => [path, readMarkdown(text).anchors]));
  return (text, document) => {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(text)) return [];
    const [target = "", anchor] = text.split("#", 2);
    const folder = target.startsWith("/") ? "" : posix.dirname(document);
    const path = target === "" ? document : posix.join(folder, decodeURI(target)).replace(/^\//, "");
    if (!entries.has(path)) return [`links to ${text}, which does not exist`];
    if (anchor && anchors.get(path)?.includes(decodeURI(anchor)) === false)
      return [`links to ${text}, but ${path} has no such heading`];
    return [];
  };
}

/** Files, and the folders they lie in with and without a slash at the end. */
function listEntries(paths: readonly string[]): Set<string> {
  const folders = paths.flatMap((path) =>
    path.split("/").map((_name, index, names) => names.slice(0, index).join("/")),
  );
  return new Set([".", "./", ...paths, ...folders, ...folders.map((folder) => `${folder}/`)]);
}
