// Makes the document of the API from what the routes say of themselves: names, words, every answer, limits and examples. Nothing
// is promised here that is not so: the errors are those that the server gives, and the examples were recorded from it.
import { addressLimits, answerLimits, bodyLimits, boundSchema, type Schema } from "../platform/bound-schema.ts";
import { nameOperation } from "./operation-id.ts";
import { errorWords, introduction, parameterWords, tagWords } from "./words.ts";

export type Operation = {
  summary?: string;
  description?: string;
  operationId?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; description?: string; content: Record<string, Media> };
  responses: Record<string, Response>;
  security?: unknown;
};
type Parameter = { in: string; name: string; description?: string; schema: Schema; required?: boolean };
type Media = { schema: Schema; example?: unknown };
type Response = { description?: string; headers?: object; content?: Record<string, Media>; $ref?: string };
export type ApiDocument = {
  openapi: string;
  info: object;
  servers?: object[];
  tags?: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, unknown>;
};

export const securitySchemes = {
  apiKey: { type: "http", scheme: "bearer", description: "An API key of the workspace" },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-plumbline",
    description: "The session of somebody who has signed in to the pages",
  },
} as const;

/** What was asked and answered once, by the operation's name. */
export type Examples = Readonly<Record<string, { request?: unknown; response?: unknown }>>;

export function completeDocument(
  drawn: ApiDocument,
  { publicUrl, version, examples }: { publicUrl: string; version: string; examples: Examples },
): ApiDocument {
  const paths = Object.fromEntries(
    Object.entries(drawn.paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [
          method,
          completeOperation({ path: path.replace(/^\/api\/v1/, ""), method, examples }, operation),
        ]),
      ),
    ]),
  );
  const used = new Set(Object.values(paths).flatMap((all) => Object.values(all).flatMap(({ tags = [] }) => tags)));
  return {
    openapi: "3.1.0",
    info: {
      title: "Plumbline",
      version,
      summary: "The API of a customer-success hub around Pendo",
      description: introduction,
      contact: { name: "Whoever runs this Plumbline", url: publicUrl },
      license: { name: "Apache License 2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: publicUrl, description: "This Plumbline, in production", "x-internal": false }],
    tags: [...used].sort().map((name) => ({ name, description: tagWords[name] ?? name })),
    paths,
    components: {
      securitySchemes,
      schemas: { Problem: boundSchema(findProblem(drawn), answerLimits) },
      headers: describeHeaders(),
      responses: describeErrors(),
    },
  };
}

function completeOperation(of: { path: string; method: string; examples: Examples }, operation: Operation): Operation {
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"))!;
  const operationId = operation.operationId ?? nameOperation(of.method, of.path, isListAnswer(success[1]));
  const example = of.examples[operationId];
  const parameters = [
    ...(operation.parameters ?? []).map((one) => ({
      ...one,
      description: one.description ?? (one.schema.description as string) ?? parameterWords[one.name] ?? one.name,
      schema: boundSchema(one.schema, addressLimits),
    })),
    ...(keepsAnswer(of) ? [idempotencyKey] : []),
  ];
  return {
    ...operation,
    operationId,
    description: operation.description ?? `${operation.summary}.`,
    ...(parameters.length > 0 && { parameters }),
    ...(operation.requestBody && { requestBody: completeBody(operation.requestBody, example?.request) }),
    responses: {
      [success[0]]: completeAnswer(success[1], example?.response),
      ...Object.fromEntries(
        listErrors(of, operation).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

/** Whoever signs in or out is of no workspace (any more) in which an answer could be kept. */
function keepsAnswer({ path, method }: { path: string; method: string }): boolean {
  return method !== "get" && path !== "/session";
}

function isListAnswer({ content }: Response): boolean {
  const schema = content?.["application/json"]?.schema as { properties?: { items?: Schema } } | undefined;
  return schema?.properties?.items?.type === "array";
}

function completeBody(
  body: NonNullable<Operation["requestBody"]>,
  example: unknown,
): NonNullable<Operation["requestBody"]> {
  return { required: true, ...body, content: completeContent(body.content, bodyLimits, example) };
}

function completeAnswer({ content, ...answer }: Response, example: unknown): Response {
  return {
    ...answer,
    description: answer.description === "Default Response" ? "It is done; this is the answer" : answer.description!,
    headers: budgetHeaders,
    ...(content && { content: completeContent(content, answerLimits, example) }),
  };
}

function completeContent(content: Record<string, Media>, limits: typeof bodyLimits, example: unknown) {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [
      type,
      { ...media, schema: boundSchema(media.schema, limits), ...(example !== undefined && { example }) },
    ]),
  );
}

/** Which errors an operation can have. */
function listErrors(of: { path: string; method: string }, { requestBody, tags }: Operation): number[] {
  const { path } = of;
  const asksPendo = /pendo-reports|integration-key\/test|match-preview|mapping|reports$/.test(path);
  return [
    400,
    401,
    403,
    ...(path.includes("{") ? [404] : []),
    ...(keepsAnswer(of) || asksPendo ? [409] : []),
    ...(/\/(body|start)$/.test(path) ? [410] : []),
    ...(requestBody ? [413, 415] : []),
    ...(keepsAnswer(of) ? [422] : []),
    429,
    500,
    ...(asksPendo || tags?.includes("Reports") ? [502] : []),
    503,
  ];
}

const idempotencyKey: Parameter = {
  in: "header",
  name: "Idempotency-Key",
  description: "A text of your own for this request: sent again with it, the request has no second effect",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
};

const budgetHeaders = Object.fromEntries(
  ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"].map((name) => [
    name,
    { $ref: `#/components/headers/${name}` },
  ]),
);

function describeHeaders(): object {
  const count = { type: "integer", format: "int32", minimum: 0, maximum: 1_000_000 };
  return {
    "RateLimit-Limit": {
      description:
        "Requests that a key or a person may make, and in how many seconds; of signing in, attempts from an address",
      schema: { type: "string", maxLength: 100, pattern: "^\\d+, \\d+;window=\\d+$" },
      example: "6000, 6000;window=60",
    },
    "RateLimit-Remaining": { description: "Requests that are left of them", schema: count, example: 998 },
    "RateLimit-Reset": { description: "Seconds until there are more", schema: count, example: 42 },
    "Retry-After": { description: "Seconds after which to try again", schema: count, example: 42 },
  };
}

function describeErrors(): object {
  return Object.fromEntries(
    Object.entries(errorWords).map(([status, description]) => [
      status,
      {
        description,
        headers: {
          ...budgetHeaders,
          ...(status === "429" && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
        },
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}

function findProblem({ paths }: ApiDocument): Schema {
  for (const operation of Object.values(paths).flatMap((all) => Object.values(all))) {
    const schema = operation.responses["4XX"]?.content?.["application/problem+json"]?.schema;
    if (schema) return { ...schema, title: "Problem details (RFC 9457)" };
  }
  throw new Error("No route says what its errors are.");
}
