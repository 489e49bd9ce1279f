// Limits for what schemas leave open: each text, list and number of a request has one, which is checked and stands in the
// document; and answers say what they can be at most.

export type Schema = Readonly<Record<string, unknown>>;

export type Limits = {
  /** Characters of a text. */
  text: number;
  /** Items of a list, and names of an object that is open. */
  items: number;
};

/** Of an address: the server takes no longer parts. */
export const addressLimits: Limits = { text: 2_000, items: 100 };
/** Of a body, which is a megabyte at most. */
export const bodyLimits: Limits = { text: 1_048_576, items: 10_000 };
/** Of an answer. The longest text is a raw body of a megabyte in base64; whatever is kept came through a door that is smaller. */
export const answerLimits: Limits = { text: 2_097_152, items: 10_000_000 };

const lengthOfFormat: Readonly<Record<string, number>> = {
  uuid: 36,
  "date-time": 64,
  date: 10,
  email: 320,
  uri: 2_000,
};
/** What a number of JavaScript keeps exactly. */
const most = Number.MAX_SAFE_INTEGER;
const mostOfInt32 = 2 ** 31 - 1;

/** A copy with the limits that it has not. */
export function boundSchema(schema: Schema, limits: Limits): Schema {
  const bound: Record<string, unknown> = { ...schema, ...listLimits(schema, limits) };
  for (const name of ["items", "additionalProperties"])
    if (isSchema(bound[name])) bound[name] = boundSchema(bound[name], limits);
  for (const name of ["anyOf", "oneOf", "allOf"])
    if (Array.isArray(bound[name])) bound[name] = bound[name].map((one: Schema) => boundSchema(one, limits));
  if (isSchema(bound.properties))
    bound.properties = Object.fromEntries(
      Object.entries(bound.properties).map(([name, one]) => [name, boundSchema(one as Schema, limits)]),
    );
  return bound;
}

function listLimits(schema: Schema, { text, items }: Limits): Schema {
  switch (schema.type) {
    case "string":
      if (schema.enum || schema.const !== undefined || schema.maxLength !== undefined) return {};
      return { maxLength: lengthOfFormat[String(schema.format)] ?? text };
    case "array":
      return { maxItems: schema.maxItems ?? items };
    case "integer": {
      const { minimum = -most, maximum = most } = schema;
      const isShort = Math.abs(Number(minimum)) <= mostOfInt32 && Number(maximum) <= mostOfInt32;
      return { minimum, maximum, format: schema.format ?? (isShort ? "int32" : "int64") };
    }
    case "object":
      return schema.additionalProperties || schema.patternProperties
        ? { maxProperties: schema.maxProperties ?? items }
        : {};
    default:
      return {};
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
