import type { JsonObject } from "../../world/types.ts";
import type { PersonKind } from "./people.ts";

type FieldType = "string" | "time" | "boolean" | "integer" | "float" | "list" | "";

const fields: Readonly<Record<PersonKind, Readonly<Record<string, Readonly<Record<string, FieldType>>>>>> = {
  visitor: {
    agent: { email: "string", full_name: "string", role: "string" },
    auto: {
      accountid: "string",
      accountids: "list",
      firstidentifiedvisit: "time",
      firstvisit: "time",
      id: "string",
      idhash: "integer",
      lastbrowsername: "string",
      lastbrowserversion: "string",
      lastoperatingsystem: "string",
      lastservername: "string",
      lastupdated: "time",
      lastuseragent: "string",
      lastvisit: "time",
      nid: "integer",
    },
    auto__323232: { firstvisit: "time" },
    custom: { crm_id: "string" },
    pendo: { donotprocess: "boolean", designerenabled: "boolean" },
  },
  account: {
    agent: { name: "string", plan: "string", arr: "integer" },
    auto: {
      firstvisit: "time",
      id: "string",
      idhash: "integer",
      lastupdated: "time",
      lastvisit: "time",
      nid: "integer",
    },
    custom: { crm_id: "string", region: "string", planlevel: "", renewaldate: "time" },
    salesforce: { id: "string" },
  },
};

/** The answer of `GET /metadata/schema/{kind}`; the mixture of PascalCase and camelCase is Pendo's. */
export function createMetadataSchema(kind: PersonKind): JsonObject {
  return Object.fromEntries(
    Object.entries(fields[kind]).map(([group, types]) => [
      group,
      Object.fromEntries(Object.entries(types).map(([name, type]) => [name, describeField(name, type)])),
    ]),
  );
}

function describeField(name: string, type: FieldType): JsonObject {
  return {
    Type: type,
    DisplayName: name,
    ElementType: type === "list" ? "string" : "",
    ElementFormat: "",
    Dirty: false,
    isHidden: false,
    isDeleted: false,
    isCalculated: false,
    isPerApp: name === "lastvisit",
    neverIndex: false,
  };
}
