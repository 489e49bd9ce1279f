// What the checks need to know of a TypeScript file: what it imports, and the texts in its quotes.
// Vite brings a parser that keeps types, so an `import type` is seen as well.
import { type ESTree, parseSync, Visitor } from "vite";
import { lineAt, type SourceFile } from "./finding.ts";

export type Import = { target: string; line: number };
/** A text in quotes; `hole` stands where a template puts something in. */
export type Quote = { text: string; line: number };

export const hole = "\0";

/** Every kind of import: of values and types, `export … from`, `import(…)` as a call and as a type, `require(…)`. */
export function listImports(file: SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (node: ESTree.Node | null) => {
    if (node?.type === "Literal" && typeof node.value === "string")
      imports.push({ target: node.value, line: lineAt(file.text, node.start) });
    if (node?.type === "TemplateLiteral" && node.expressions.length === 0)
      imports.push({ target: node.quasis[0]?.value.cooked ?? "", line: lineAt(file.text, node.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "require") add(node.arguments[0] ?? null);
    },
  }).visit(parse(file));
  return imports;
}

export function listQuotes(file: SourceFile): Quote[] {
  const quotes: Quote[] = [];
  const add = (text: string, start: number) => quotes.push({ text, line: lineAt(file.text, start) });
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string") add(node.value, node.start);
    },
    TemplateLiteral: (node) => add(node.quasis.map(({ value }) => value.cooked ?? value.raw).join(hole), node.start),
  }).visit(parse(file));
  return quotes;
}

function parse({ path, text }: SourceFile): ESTree.Program {
  const { program, errors } = parseSync(path, text);
  // A file that is only half understood would pass without having been checked.
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  return program;
}
