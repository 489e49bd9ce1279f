import { lineAt } from "./finding.ts";

/** A piece of a document, on one line or beginning there. */
export type Piece = { text: string; line: number };

/** `text`: where it lies. `alt`: empty when nothing is said; undefined where another element says it for this one. */
export type PictureShown = Piece & { alt: string | undefined };

export type Markdown = {
  /** `code` in prose. */
  spans: Piece[];
  /** The lines of each fenced block. */
  blocks: Piece[][];
  /** Targets of links and pictures. */
  links: Piece[];
  pictures: PictureShown[];
  /** What a link can name after its #. */
  anchors: string[];
};

export function readMarkdown(text: string): Markdown {
  const { prose, blocks } = splitBlocks(text);
  const spans: Piece[] = [];
  // Links are looked for beside the spans: `[x](y)` in code is no link.
  const rest = prose.replace(/(`+)((?:(?!\n\s*\n)[\s\S])+?)\1(?!`)/g, (whole, _ticks, code, offset) => {
    spans.push({ text: code.trim(), line: lineAt(prose, offset) });
    return whole.replace(/[^\n]/g, " ");
  });
  return { spans, blocks, links: listLinks(rest), pictures: listPictures(rest), anchors: listAnchors(prose) };
}

function splitBlocks(text: string): { prose: string; blocks: Piece[][] } {
  const prose: string[] = [];
  const blocks: Piece[][] = [];
  let fence: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const ticks = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && ticks === undefined) {
      prose.push(line);
      continue;
    }
    // An empty line for each line of a block, so that the prose keeps its line numbers.
    prose.push("");
    if (fence === undefined) {
      fence = ticks;
      blocks.push([]);
    } else if (ticks?.startsWith(fence)) fence = undefined;
    else blocks.at(-1)?.push({ text: line, line: index + 1 });
  }
  return { prose: prose.join("\n"), blocks };
}

function listLinks(prose: string): Piece[] {
  const patterns = [/\]\(\s*<?([^)\s>]+)/g, /^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gm, /\b(?:href|src|srcset)="([^"\s]+)/g];
  return patterns.flatMap((pattern) =>
    [...prose.matchAll(pattern)].map((match) => ({ text: match[1] ?? "", line: lineAt(prose, match.index) })),
  );
}

/** Those in brackets, and those of HTML; a <source> lends its picture the words of the <img> beside it. */
function listPictures(prose: string): PictureShown[] {
  const inBrackets = [...prose.matchAll(/!\[([^\]]*)\]\(\s*<?([^)\s>]+)/g)].map((match) => ({
    match,
    alt: match[1],
    text: match[2],
  }));
  const elements = [...prose.matchAll(/<(img|source)\b[^>]*>/g)].map((match) => {
    const read = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(match[0])?.[1];
    const isImage = match[1] === "img";
    return {
      match,
      alt: isImage ? (read("alt") ?? "") : undefined,
      text: (isImage ? read("src") : read("srcset"))?.split(/\s/)[0],
    };
  });
  return [...inBrackets, ...elements].map(({ match, alt, text = "" }) => ({
    text,
    alt,
    line: lineAt(prose, match.index),
  }));
}

/** Headings the way GitHub turns them into anchors. */
function listAnchors(prose: string): string[] {
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = ""]) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** The paths that a drawn tree (├── src/) shows, from the folder named above it or from the root. */
export function listTreePaths(block: readonly Piece[]): Piece[] {
  const paths: Piece[] = [];
  let above: { name: string; column: number }[] = [];
  let base = ".";
  for (const { text, line } of block) {
    const branch = /^([│\s]*)[├└]─+\s*(\S+)/.exec(text);
    if (!branch) {
      if (above.length === 0 && /^[\w./-]+$/.test(text.trim())) base = text.trim().replace(/\/$/, "");
      continue;
    }
    const column = branch[1]?.length ?? 0;
    const name = (branch[2] ?? "").replace(/[/,]+$/, "");
    above = [...above.filter((folder) => folder.column < column), { name, column }];
    paths.push({ text: [base, ...above.map((folder) => folder.name)].join("/"), line });
  }
  return paths;
}
