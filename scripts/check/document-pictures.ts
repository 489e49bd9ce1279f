// Pictures in documents: each says in words what is seen on it, none makes the repository heavy, and none lies there unseen.
// That a picture exists is checked as it is for every link.
import { posix } from "node:path";
import type { Finding, SourceFile } from "./finding.ts";
import { type PictureShown, readMarkdown } from "./read-markdown.ts";

/** Every clone carries each version of each picture for ever. */
const most = { ofOne: 200 * 1024, ofAll: 1.5 * 1024 * 1024 };

export const isPicture = (path: string) => /\.(png|jpe?g|gif|svg|webp|avif)$/.test(path);

/** `sizes`: of the pictures below docs/, in bytes. */
export function checkPictures(documents: readonly SourceFile[], sizes: ReadonlyMap<string, number>): Finding[] {
  const shown = documents.flatMap(({ path, text }) =>
    readMarkdown(text).pictures.map((picture) => ({ ...picture, document: path, path: resolve(picture, path) })),
  );
  const seen = new Set(shown.map(({ path }) => path));
  const silent = shown
    .filter(({ alt }) => alt !== undefined && !/\S\s+\S/.test(alt))
    .map(({ document, line, text }) => ({
      path: document,
      line,
      problem: `shows ${text} and does not say in words what is seen on it (alt)`,
    }));
  const files = [...sizes].flatMap(([path, size]) => {
    const problems = [
      ...(size > most.ofOne ? [`has ${inKibibytes(size)}: a picture has at most ${inKibibytes(most.ofOne)}`] : []),
      ...(seen.has(path) ? [] : ["is shown in no document"]),
    ];
    return problems.map((problem) => ({ path, line: 1, problem }));
  });
  return [...silent, ...files, ...checkSum(sizes)];
}

function checkSum(sizes: ReadonlyMap<string, number>): Finding[] {
  const sum = [...sizes.values()].reduce((total, size) => total + size, 0);
  if (sum <= most.ofAll) return [];
  const problem = `and the other pictures have ${inKibibytes(sum)}: together they have at most ${inKibibytes(most.ofAll)}`;
  return [{ path: [...sizes.keys()][0] ?? "", line: 1, problem }];
}

function resolve({ text }: PictureShown, document: string): string {
  return posix.join(text.startsWith("/") ? "" : posix.dirname(document), decodeURI(text)).replace(/^\//, "");
}

function inKibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
