import type { Json } from "../../../world/types.ts";
import { type Context, findFunction } from "./functions.ts";
import { type BinaryOperator, type Expression, parseExpression } from "./parse-expression.ts";
import { ExpressionError } from "./tokenize.ts";
import { areEqual, compareText, isTruthy, type Row, readPath } from "./values.ts";

export type Evaluate = (row: Row) => Json;

/** Throws an ExpressionError; what it returns never throws. */
export function compileExpression(text: string, context: Context): Evaluate {
  return compile(parseExpression(text), context);
}

function compile(expression: Expression, context: Context): Evaluate {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "field": {
      const { path } = expression;
      return (row) => readPath(row, path);
    }
    case "not": {
      const operand = compile(expression.operand, context);
      return (row) => !isTruthy(operand(row));
    }
    case "minus": {
      const operand = compile(expression.operand, context);
      return (row) => {
        const value = operand(row);
        return typeof value === "number" ? -value : null;
      };
    }
    case "all": {
      const operands = expression.operands.map((operand) => compile(operand, context));
      return (row) => operands.every((operand) => isTruthy(operand(row)));
    }
    case "any": {
      const operands = expression.operands.map((operand) => compile(operand, context));
      return (row) => operands.some((operand) => isTruthy(operand(row)));
    }
    case "binary": {
      const [left, right] = [compile(expression.left, context), compile(expression.right, context)];
      const apply = operators[expression.operator];
      return (row) => apply(left(row), right(row));
    }
    case "call": {
      const found = findFunction(expression.name);
      if (!found) throw new ExpressionError(`unknown function ${expression.name}`);
      const operands = expression.operands.map((operand) => compile(operand, context));
      if (operands.length < found.least || operands.length > found.most)
        throw new ExpressionError(`wrong number of arguments to ${expression.name}`);
      return (row) =>
        found.call(
          operands.map((operand) => operand(row)),
          context,
        );
    }
  }
}

const operators: Readonly<Record<BinaryOperator, (left: Json, right: Json) => Json>> = {
  "==": areEqual,
  "!=": (left, right) => !areEqual(left, right),
  "<": (left, right) => compare(left, right, (order) => order < 0),
  "<=": (left, right) => compare(left, right, (order) => order <= 0),
  ">": (left, right) => compare(left, right, (order) => order > 0),
  ">=": (left, right) => compare(left, right, (order) => order >= 0),
  "+": (left, right) =>
    typeof left === "string" && typeof right === "string" ? left + right : calculate(left, right, (a, b) => a + b),
  "-": (left, right) => calculate(left, right, (a, b) => a - b),
  "*": (left, right) => calculate(left, right, (a, b) => a * b),
  "/": (left, right) => calculate(left, right, (a, b) => a / b),
  "%": (left, right) => calculate(left, right, (a, b) => a % b),
};

/** Only two numbers or two texts have an order; a missing value is neither smaller nor greater than anything. */
function compare(left: Json, right: Json, decide: (order: number) => boolean): boolean {
  if (typeof left === "number" && typeof right === "number") return decide(left - right);
  return typeof left === "string" && typeof right === "string" && decide(compareText(left, right));
}

function calculate(left: Json, right: Json, apply: (a: number, b: number) => number): Json {
  if (typeof left !== "number" || typeof right !== "number") return null;
  const result = apply(left, right);
  return Number.isFinite(result) ? result : null;
}
