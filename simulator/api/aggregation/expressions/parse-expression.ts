// The grammar of filters, evals and time ranges: C's operators with C's precedence, field paths, function calls.
import { ExpressionError, type Token, tokenize } from "./tokenize.ts";

export type PathStep = string | number;
export type BinaryOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";
export type Expression =
  | { kind: "literal"; value: null | boolean | number | string }
  | { kind: "field"; path: readonly PathStep[] }
  | { kind: "not" | "minus"; operand: Expression }
  | { kind: "all" | "any"; operands: readonly Expression[] }
  | { kind: "binary"; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: "call"; name: string; operands: readonly Expression[] };

/** Parentheses, calls, signs inside one another, and operators in a row. Beyond it an expression is refused rather than the stack used up. */
const deepest = 200;
const literals: Readonly<Record<string, null | boolean>> = { true: true, false: false, null: null };
const levels: readonly (readonly BinaryOperator[])[] = [
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Throws an ExpressionError. */
export function parseExpression(text: string): Expression {
  const reader = createReader(tokenize(text));
  const expression = parseAny(reader);
  if (reader.peek().kind !== "end") throw unexpected(reader.peek());
  return expression;
}

type Reader = {
  peek: () => Token;
  next: () => Token;
  /** Consumes the next token if it is one of these symbols. */
  take: (...symbols: string[]) => string | undefined;
  deeper: <T>(read: () => T) => T;
};

function createReader(tokens: readonly Token[]): Reader {
  let [place, depth] = [0, 0];
  const peek = () => tokens[place]!;
  return {
    peek,
    next: () => tokens[place++]!,
    take: (...symbols) => {
      const token = peek();
      if (token.kind !== "symbol" || !symbols.includes(token.value)) return undefined;
      place += 1;
      return token.value;
    },
    deeper: (read) => {
      depth += 1;
      if (depth > deepest) throw tooDeep();
      const result = read();
      depth -= 1;
      return result;
    },
  };
}

function parseAny(reader: Reader): Expression {
  return parseSeries(reader, "any", "||", () => parseSeries(reader, "all", "&&", () => parseBinary(reader, 0)));
}

/** A list, not a chain of pairs: clients put thousands of ids into one filter. */
function parseSeries(reader: Reader, kind: "any" | "all", symbol: string, parse: () => Expression): Expression {
  const operands = [parse()];
  while (reader.take(symbol)) operands.push(parse());
  return operands.length === 1 ? operands[0]! : { kind, operands };
}

function parseBinary(reader: Reader, level: number): Expression {
  const operators = levels[level];
  if (!operators) return parseSign(reader);
  let left = parseBinary(reader, level + 1);
  let links = 0;
  for (let operator = reader.take(...operators); operator; operator = reader.take(...operators)) {
    links += 1;
    if (links > deepest) throw tooDeep();
    left = { kind: "binary", operator: operator as BinaryOperator, left, right: parseBinary(reader, level + 1) };
  }
  return left;
}

function parseSign(reader: Reader): Expression {
  const sign = reader.take("!", "-");
  if (sign) return reader.deeper(() => ({ kind: sign === "!" ? "not" : "minus", operand: parseSign(reader) }));
  return parseValue(reader);
}

function parseValue(reader: Reader): Expression {
  if (reader.take("(")) {
    const inner = reader.deeper(() => parseAny(reader));
    if (!reader.take(")")) throw unexpected(reader.peek());
    return inner;
  }
  const token = reader.next();
  if (token.kind === "number" || token.kind === "text") return { kind: "literal", value: token.value };
  if (token.kind !== "name") throw unexpected(token);
  if (reader.take("(")) return { kind: "call", name: token.value, operands: parseOperands(reader) };
  return Object.hasOwn(literals, token.value)
    ? { kind: "literal", value: literals[token.value]! }
    : { kind: "field", path: parsePath(reader, token.value) };
}

function parseOperands(reader: Reader): Expression[] {
  const operands: Expression[] = [];
  if (reader.take(")")) return operands;
  do operands.push(reader.deeper(() => parseAny(reader)));
  while (reader.take(","));
  if (!reader.take(")")) throw unexpected(reader.peek());
  return operands;
}

function parsePath(reader: Reader, first: string): PathStep[] {
  const path: PathStep[] = [first];
  for (let symbol = reader.take(".", "["); symbol; symbol = reader.take(".", "[")) {
    const token = reader.next();
    if (symbol === ".") {
      if (token.kind !== "name") throw unexpected(token);
      path.push(token.value);
      continue;
    }
    if (token.kind !== "number" && token.kind !== "text") throw unexpected(token);
    path.push(token.value);
    if (!reader.take("]")) throw unexpected(reader.peek());
  }
  return path;
}

function tooDeep(): ExpressionError {
  return new ExpressionError(`more than ${deepest} levels deep`);
}

function unexpected(token: Token): ExpressionError {
  return new ExpressionError(
    token.kind === "end" ? "unexpected end" : `unexpected ${JSON.stringify(token.value)} at ${token.at}`,
  );
}
