// Environment variables in documents: each must be read by the program, a script, a bench or a test.
import type { SourceFile } from "./finding.ts";

/** Read by programs that are not ours. */
const foreign: Record<string, string> = {
  CI: "npm and vitest",
  NODE_OPTIONS: "node",
};
/** Names without a dash below look like words of SQL or HTTP; these are known not to be. */
const shortNames = new Set(["HOST", "PORT"]);

type VariableCheck = (code: string, document: string, isSpan: boolean) => string[];

export function createVariableCheck(sources: readonly SourceFile[]): VariableCheck {
  const read = listReadVariables(sources);
  return (code, document, isSpan) => {
    const assigned = [...code.matchAll(/(?<![\w$?&.-])([A-Z][A-Z0-9_]*)=/g)].map(([, name = ""]) => name);
    const alone = isSpan
      ? code.split(/\s+/).filter((word) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(word) || shortNames.has(word))
      : [];
    return [...new Set([...assigned, ...alone])]
      .filter((name) => !read.has(name) && !(name in foreign) && !isOfDocument(name, document))
      .map((name) => `names the environment variable ${name}, which nothing reads`);
  };
}

/** A variable of the shell that the document sets for its own next lines. */
function isOfDocument(name: string, document: string): boolean {
  return new RegExp(`\\$\\{?${name}\\b`).test(document);
}

function listReadVariables(sources: readonly SourceFile[]): Set<string> {
  const found = new Set<string>();
  for (const { path, text } of sources) {
    const pattern = path === "src/platform/config.ts" ? /"([A-Z][A-Z0-9_]*)"/g : /\benv(?:\.|\[")([A-Z][A-Z0-9_]*)/g;
    for (const [, name = ""] of text.matchAll(pattern)) found.add(name);
  }
  return found;
}
