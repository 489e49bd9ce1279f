// The check of what is sent to the API against its schemas. The first fault ends it; only then, and only where the body is
// small, everything is looked for that is wrong: a body of a million wrong items must not become a million objects.
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormatsModule from "ajv-formats";
import type { FastifyInstance } from "fastify";
import { HttpError } from "./http-server.ts";
import { describeFaults, sayFaults } from "./problem.ts";

/** Characters of a body, as JSON, of which all faults are listed. Of a longer one the first is. */
const longestListed = 64 * 1024;

// A module of CommonJS: its default export is the function for Node, and the module for the compiler.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/** A parameter of an address is always text, and becomes what the schema wants. A body says itself what everything is. */
function createCheckers(coerceTypes: false | "array"): { first: Ajv; all: Ajv } {
  const options = { coerceTypes, useDefaults: true, strictTypes: false, strictTuples: false } as const;
  const checkers = { first: new Ajv(options), all: new Ajv({ ...options, allErrors: true, verbose: true }) };
  for (const checker of Object.values(checkers)) addFormats(checker);
  return checkers;
}

/** For every route that `app` gets from now on. */
export function checkRequestsStrictly(app: FastifyInstance): void {
  const ofBody = createCheckers(false);
  const ofAddress = createCheckers("array");
  app.setValidatorCompiler<object>(({ schema, httpPart = "body" }) => {
    const { first, all } = httpPart === "body" ? ofBody : ofAddress;
    const isRight = first.compile(schema);
    return (value: unknown) => {
      if (isRight(value)) return { value };
      const errors = isShort(value) ? listErrors(all.compile(schema), value) : (isRight.errors ?? []);
      const faults = describeFaults(errors, httpPart);
      return { error: new HttpError(400, sayFaults(faults), faults) };
    };
  });
}

function isShort(value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) <= longestListed;
}

function listErrors(check: ValidateFunction, value: unknown): readonly ErrorObject[] {
  check(value);
  return check.errors ?? [];
}
