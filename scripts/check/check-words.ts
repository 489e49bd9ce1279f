// Words that have no place in the repository: they speak of the machine or the moment in which a file was written.
// The patterns are written so that none of them finds itself.
import { type Finding, lineAt, type SourceFile } from "./finding.ts";

type Word = { pattern: RegExp; problem: string; only?: RegExp };

const words: Word[] = [
  { pattern: /(?<![\w.])\/work\/|\/tmp\/bash_jobs|(?<![\w.])\/farm\//g, problem: "is a path of one machine" },
  {
    pattern: /registry\.npmjs\.org|deb\.debian\.org/g,
    problem: "is the host of a registry: which one is used is up to the reader",
  },
  {
    pattern: /"resolved"/g,
    problem: "ties the lockfile to one registry: install with the repository's .npmrc in place",
    only: /(^|\/)package-lock\.json$/,
  },
  { pattern: /\bissue #?\d+\b/gi, problem: "is a ticket: say why, without it" },
  { pattern: /\bsession \d+\b/gi, problem: "speaks of how the project was made: describe what is" },
];

export function checkWords(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) =>
    words
      .filter(({ only }) => only === undefined || only.test(path))
      .flatMap(({ pattern, problem }) =>
        [...text.matchAll(pattern)].map((match) => ({
          path,
          line: lineAt(text, match.index),
          problem: `"${match[0]}" ${problem}`,
        })),
      ),
  );
}
