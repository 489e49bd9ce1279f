// The words of an expression. Strings are in double quotes, with backslash escapes, or in backticks, without any.

export type Token =
  | { kind: "number"; value: number; at: number }
  | { kind: "text"; value: string; at: number }
  | { kind: "name"; value: string; at: number }
  | { kind: "symbol"; value: string; at: number }
  | { kind: "end"; value: ""; at: number };

/** What is wrong with an expression, without the expression itself. */
export class ExpressionError extends Error {}

const symbols = [
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  "<",
  ">",
  "!",
  "+",
  "-",
  "*",
  "/",
  "%",
  "(",
  ")",
  "[",
  "]",
  ".",
  ",",
];
const space = /\s+/y;
const number = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const name = /[\p{L}_$][\p{L}\p{N}\p{M}_$]*/uy;
const plainEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  '"': '"',
  "/": "/",
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
};

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = matchAt(space, text, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const token = readToken(text, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: "end", value: "", at });
  return tokens;
}

function readToken(text: string, at: number): { token: Token; end: number } {
  if (text[at] === "`") {
    const end = text.indexOf("`", at + 1);
    if (end === -1) throw new ExpressionError(`the string at ${at} has no end`);
    return { token: { kind: "text", value: text.slice(at + 1, end), at }, end: end + 1 };
  }
  if (text[at] === '"') return readQuoted(text, at);
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return { token: { kind: "number", value: Number(digits), at }, end: at + digits.length };
  const word = matchAt(name, text, at);
  if (word !== undefined) return { token: { kind: "name", value: word, at }, end: at + word.length };
  const symbol = symbols.find((known) => text.startsWith(known, at));
  if (symbol === undefined) throw new ExpressionError(`unexpected ${JSON.stringify(text[at])} at ${at}`);
  return { token: { kind: "symbol", value: symbol, at }, end: at + symbol.length };
}

function readQuoted(text: string, start: number): { token: Token; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '"') return { token: { kind: "text", value, at: start }, end: at + 1 };
    if (letter !== "\\") {
      value += letter;
      continue;
    }
    const escaped = text[at + 1] ?? "";
    const plain = plainEscapes[escaped];
    const code = escaped === "u" ? /^[0-9a-fA-F]{4}/.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
    if (plain === undefined && code === undefined)
      throw new ExpressionError(`unknown escape ${JSON.stringify(`\\${escaped}`)} at ${at}`);
    value += plain ?? String.fromCharCode(Number.parseInt(code!, 16));
    at += plain === undefined ? 5 : 1;
  }
  throw new ExpressionError(`the string at ${start} has no end`);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
