// What a document names must be there: paths, links, pictures, npm scripts, environment variables. A document that is wrong in
// these is wrong in more, and nobody notices by reading.

import { createLinkCheck, createPathCheck, isPath, type Repository } from "./document-paths.ts";
import { checkPictures } from "./document-pictures.ts";
import { createVariableCheck } from "./document-variables.ts";
import { type Finding, lineAt, type SourceFile } from "./finding.ts";
import { listTreePaths, type Piece, readMarkdown } from "./read-markdown.ts";

export function checkDocuments(
  repository: Repository & {
    /** Everything that may read an environment variable. */
    sources: readonly SourceFile[];
    /** The names of the scripts in package.json. */
    scripts: readonly string[];
    /** Of the pictures below docs/, in bytes. */
    pictures: ReadonlyMap<string, number>;
  },
): Finding[] {
  const checkPath = createPathCheck(repository);
  const checkLink = createLinkCheck(repository);
  const checkVariables = createVariableCheck(repository.sources);
  const rootFolders = new Set(repository.paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));

  const findings = repository.documents.flatMap((document) => {
    const { spans, blocks, links } = readMarkdown(document.text);
    const code = [...spans, ...blocks.flat()];
    return [
      ...code.flatMap((piece) => report(piece, checkScripts(piece.text, repository.scripts))),
      ...code.flatMap((piece) => report(piece, checkVariables(piece.text, document.text, spans.includes(piece)))),
      ...listPaths(spans, blocks).flatMap((piece) => report(piece, checkPath(piece.text, document.path))),
      ...links.flatMap((piece) => report(piece, checkLink(piece.text, document.path))),
    ];

    function report({ line }: Piece, problems: readonly string[]): Finding[] {
      return problems.map((problem) => ({ path: document.path, line, problem }));
    }
  });
  return [...findings, ...checkPictures(repository.documents, repository.pictures)];

  /** A span that is one word can be any path; of a longer text (a command) the words that begin in a folder of the root. */
  function listPaths(spans: readonly Piece[], blocks: readonly Piece[][]): Piece[] {
    const isOneWord = ({ text }: Piece) => !/\s/.test(text);
    const longTexts = [...spans.filter((span) => !isOneWord(span)), ...blocks.flat()];
    return [
      ...spans.filter((span) => isOneWord(span) && isPath(span.text)),
      ...longTexts.flatMap(({ text, line }) =>
        [...text.matchAll(/[^\s"'()[\],;]+/g)]
          .filter(([word]) => rootFolders.has(word.replace(/^\.\//, "").split("/")[0]) && isPath(word))
          .map((match) => ({ text: match[0], line: line + lineAt(text, match.index) - 1 })),
      ),
      ...blocks.flatMap(listTreePaths),
    ];
  }
}

function checkScripts(text: string, scripts: readonly string[]): string[] {
  const named = [...text.matchAll(/\bnpm (?:run(?:-script)? (?:-\S+ )*([\w:.-]+)|(test|start)\b)/g)];
  return named
    .map(([, script, short]) => script ?? short ?? "")
    .filter((script) => !scripts.includes(script))
    .map((script) => `names the script ${script}, which package.json does not have`);
}
