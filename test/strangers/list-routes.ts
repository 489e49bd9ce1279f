// The routes that there are, as the API itself tells them: its OpenAPI document, and for the API of other clients its routes.
import fastify from "fastify";
import { createLog } from "../../src/platform/log.ts";
import { addRestApi } from "../../src/vitally/rest/rest-api.ts";

type JsonSchema = { [key: string]: any };

export type ListedRoute = {
  method: string;
  /** With {names} in the places of parameters. */
  path: string;
  /** Names in the query, with their schemas and whether they must be given. */
  query: Record<string, JsonSchema>;
  body: JsonSchema | undefined;
};

export const nameRoute = ({ method, path }: Pick<ListedRoute, "method" | "path">) => `${method} ${path}`;

export async function listOwnRoutes(url: string): Promise<ListedRoute[]> {
  const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as JsonSchema;
  if (!document.paths) throw new Error(`There is no OpenAPI document: ${JSON.stringify(document)}`);
  return Object.entries<JsonSchema>(document.paths).flatMap(([path, methods]) =>
    Object.entries<JsonSchema>(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: Object.fromEntries(
        parameters
          .filter((one: JsonSchema) => one.in === "query")
          .map(({ name, schema, required }: JsonSchema) => [
            name,
            { ...resolve(document, schema), isNeeded: required },
          ]),
      ),
      body: requestBody && resolve(document, Object.values<JsonSchema>(requestBody.content)[0]!.schema),
    })),
  );
}

/** Follows a reference within the document; those inside are followed when they are met. */
function resolve(document: JsonSchema, schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema)) return schema.map((one) => resolve(document, one));
  if (typeof schema !== "object" || schema === null) return schema;
  if (typeof schema.$ref === "string") {
    const found = schema.$ref
      .slice(2)
      .split("/")
      .reduce((part: JsonSchema, name: string) => part[name], document);
    return resolve(document, found);
  }
  return Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, resolve(document, part)]));
}

/** Those that clients written for Vitally use. */
export async function listRestRoutes(): Promise<ListedRoute[]> {
  const app = fastify();
  const routes: ListedRoute[] = [];
  app.addHook("onRoute", ({ method, url, schema }) => {
    for (const one of [method].flat())
      if (one !== "HEAD")
        routes.push({
          method: one,
          path: `/resources${url.replace(/:(\w+)/g, "{$1}")}`,
          query: (schema?.querystring as JsonSchema | undefined)?.properties ?? {},
          body: undefined,
        });
  });
  addRestApi(app, {
    findKey: async () => undefined,
    findAdmins: async () => [],
    describeError: () => undefined,
    clock: () => new Date(),
    log: createLog({ format: "json", level: "silent" }),
  });
  await app.ready();
  await app.close();
  return routes;
}

/** The smallest value that a schema takes; undefined where it wants something that cannot be invented. */
export function inventValue(schema: JsonSchema): unknown {
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return inventValue(choice.find((one: JsonSchema) => one.type !== "null") ?? choice[0]);
  switch (schema.type) {
    case "string":
      return inventText(schema);
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => inventValue(schema.items ?? {}));
    case "object":
      return inventObject(schema);
    default:
      return undefined;
  }
}

function inventText({ format, minLength = 1 }: JsonSchema): string {
  if (format === "date-time") return new Date(Date.now() + 86_400_000).toISOString();
  if (format === "date") return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  if (format === "uuid") return "019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b";
  if (format === "uri") return "https://example.com/";
  if (format === "email") return "somebody@example.com";
  return "a text".padEnd(minLength, "x");
}

function inventObject({ properties = {}, required = [], minProperties = 0 }: JsonSchema): object {
  const names = [...new Set([...required, ...Object.keys(properties)])].slice(
    0,
    Math.max(required.length, minProperties),
  );
  return Object.fromEntries(names.map((name) => [name, inventValue(properties[name] ?? {})]));
}
