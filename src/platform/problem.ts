// What an error of the API says: RFC 9457, problem details. All that is wrong with a request is said at once, and where.
import { STATUS_CODES } from "node:http";
import type { DefinedError, ErrorObject } from "ajv";

/** One thing that is wrong: `pointer` into the body (a JSON pointer as a URI fragment), or the name of a parameter. */
export type Fault = { pointer: string; detail: string } | { parameter: string; detail: string };

export type Problem = { type: string; title: string; status: number; detail: string; errors?: readonly Fault[] };

export const problemType = "application/problem+json; charset=utf-8";

/** More than a person reads, and a bound for what one bad request can make of this process. */
const mostFaults = 100;

export function createProblem(status: number, detail: string, faults: readonly Fault[] = []): Problem {
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail,
    ...(faults.length > 0 && { errors: faults }),
  };
}

/** What the check of a schema found, in words. `part` is the part of the request that was checked, as fastify names it. */
export function describeFaults(errors: readonly ErrorObject[], part: string): Fault[] {
  const found = (errors as readonly DefinedError[])
    .filter((error) => !isPartOfChoice(error, errors))
    .map((error): Fault => {
      const [place, detail] = describeError(error, errors, part);
      return part === "body" ? { pointer: `#${place}`, detail } : { parameter: readName(place), detail };
    });
  const shown = new Map(found.map((fault) => [JSON.stringify(fault), fault]));
  return [...shown.values()].slice(0, mostFaults);
}

/** The whole in a sentence or three, for those who read nothing but `detail`. */
export function sayFaults(faults: readonly Fault[]): string {
  const said = faults.slice(0, 3).map((fault) => {
    if ("parameter" in fault) return `\`${fault.parameter}\` ${fault.detail}.`;
    return fault.pointer === "#" ? `The body ${fault.detail}.` : `\`${fault.pointer.slice(2)}\` ${fault.detail}.`;
  });
  return [...said, ...(faults.length > 3 ? [`And ${faults.length - 3} more.`] : [])].join(" ");
}

/** Of a choice (a text or null) every branch complains; that none fits is said once. */
function isPartOfChoice({ schemaPath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some(
    (other) =>
      (other.keyword === "anyOf" || other.keyword === "oneOf") && schemaPath.startsWith(`${other.schemaPath}/`),
  );
}

function describeError(
  error: DefinedError,
  errors: readonly ErrorObject[],
  part: string,
): [place: string, detail: string] {
  const { instancePath, message = "is not right" } = error;
  switch (error.keyword) {
    case "required":
      return [`${instancePath}/${escapeName(error.params.missingProperty)}`, "is missing"];
    case "additionalProperties":
      return [
        `${instancePath}/${escapeName(error.params.additionalProperty)}`,
        `is not known here; ${listKnown(error.parentSchema?.properties, part)}`,
      ];
    case "enum":
      return [
        instancePath,
        `must be one of ${error.params.allowedValues.map((one) => JSON.stringify(one)).join(", ")}`,
      ];
    case "const":
      return [instancePath, `must be ${JSON.stringify(error.params.allowedValue)}`];
    case "format":
    case "pattern":
      return [instancePath, isOfTime(error) ? "must be a time in ISO 8601, such as 2026-03-31T14:00:00Z" : message];
    case "anyOf":
    case "oneOf":
      return [instancePath, describeChoice(error, errors)];
    default:
      return [instancePath, message.replace("NOT", "not")];
  }
}

/** Times have a pattern beside their format. */
function isOfTime(error: DefinedError): boolean {
  return (error.keyword === "format" ? error.params.format : error.parentSchema?.format) === "date-time";
}

function listKnown(properties: object | undefined, part: string): string {
  const names = Object.keys(properties ?? {});
  if (names.length === 0) return part === "body" ? "nothing can be said here" : "it takes no parameters";
  return `known are ${names.join(", ")}`;
}

/** `must be string or null`, `must be "a" or "b"`, as far as the branches say something so plain. */
function describeChoice(
  { schemaPath, instancePath, message = "fits none of the choices" }: ErrorObject,
  errors: readonly ErrorObject[],
): string {
  const branches = errors.filter(
    (one) => one.schemaPath.startsWith(`${schemaPath}/`) && one.instancePath === instancePath,
  ) as DefinedError[];
  const plain = branches.flatMap((one) => {
    if (one.keyword === "type") return [String(one.params.type)];
    if (one.keyword === "const") return [JSON.stringify(one.params.allowedValue)];
    return [];
  });
  return plain.length > 0 ? `must be ${[...new Set(plain)].join(" or ")}` : message;
}

/** `/name` or `/name/0` of a JSON pointer. */
function readName(place: string): string {
  return (place.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
}

function escapeName(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
