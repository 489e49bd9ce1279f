// Which fields of metadata there are, as Pendo's `metadata/schema` lists them. Its keys mix PascalCase and camelCase.
import { isJsonObject, type Json } from "../../platform/json.ts";
import { WrongContentError } from "./split-rows.ts";

export type MetadataField = {
  group: string;
  name: string;
  /** `string`, `time`, `boolean`, `integer`, `float`, `list`, or empty where Pendo does not know. */
  type: string;
  displayName: string;
  isHidden: boolean;
};

/** Fields that are deleted are left out. Throws a WrongContentError. */
export function readMetadataFields(schema: Json): MetadataField[] {
  if (!isJsonObject(schema)) throw new WrongContentError("it is not an object of groups");
  return Object.entries(schema).flatMap(([group, fields]) =>
    isJsonObject(fields) ? Object.entries(fields).flatMap(([name, field]) => readField(group, name, field)) : [],
  );
}

function readField(group: string, name: string, field: Json): MetadataField[] {
  if (!isJsonObject(field) || field.isDeleted === true) return [];
  const { Type: type, DisplayName: displayName, isHidden } = field;
  return [
    {
      group,
      name,
      type: typeof type === "string" ? type : "",
      displayName: typeof displayName === "string" && displayName !== "" ? displayName : name,
      isHidden: isHidden === true,
    },
  ];
}
