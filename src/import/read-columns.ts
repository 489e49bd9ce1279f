// What the columns of a file are, told from their names.
import type { RecordKind } from "../pipeline/records.ts";
import { traitLimits } from "../pipeline/trait-values.ts";
import { isStorableText } from "../platform/json.ts";

/** Places of columns. A place that is undefined is not in the file. */
export type Columns = {
  names: readonly string[];
  externalId: number;
  name: number | undefined;
  email: number | undefined;
  organization: number | undefined;
  account: number | undefined;
  traits: readonly { place: number; name: string }[];
};

type Role = "externalId" | "name" | "email" | "organization" | "account";

const organization = [
  "organizationexternalid",
  "organizationids",
  "organizationid",
  "orgid",
  "organizations",
  "organization",
  "organisation",
  "org",
];
/** Spellings without case, spaces, lines and dashes. The first that a file has takes the part; the others are traits. */
const spellings: Record<RecordKind, Partial<Record<Role, readonly string[]>>> = {
  organization: {
    externalId: ["externalid", "organizationexternalid", "organizationid", "orgid", "id"],
    name: ["name", "organizationname"],
  },
  account: {
    externalId: ["externalid", "accountexternalid", "accountid", "id"],
    name: ["name", "accountname"],
    organization,
  },
  user: {
    externalId: ["externalid", "userexternalid", "userid", "id"],
    name: ["name", "fullname"],
    email: ["email", "emailaddress", "mail"],
    organization,
    account: ["accountexternalid", "accountids", "accountid", "accounts", "account"],
  },
};

/** Throws, in plain words, when the columns do not make a file of such records. */
export function readColumns(kind: RecordKind, names: readonly string[]): Columns {
  const places = new Map<string, number>();
  for (const [place, name] of names.entries()) {
    const spelling = spell(name);
    if (spelling === "") continue;
    if (!places.has(spelling)) places.set(spelling, place);
  }
  const find = (role: Role) => {
    const found = spellings[kind][role]?.find((spelling) => places.has(spelling));
    if (found === undefined) return undefined;
    const same = names.filter((name) => spell(name) === found);
    if (same.length > 1) throw new Error(`The columns ${quoteAll(same)} are the same: keep one of them.`);
    return places.get(found);
  };
  const roles = {
    externalId: find("externalId"),
    name: find("name"),
    email: find("email"),
    organization: find("organization"),
    account: find("account"),
  };
  const { externalId } = roles;
  if (externalId === undefined)
    throw new Error(`No column is the external ID: call it external_id. The file has ${quoteAll(names.slice(0, 20))}.`);
  return { ...roles, names, externalId, traits: listTraits(names, new Set(Object.values(roles))) };
}

function listTraits(names: readonly string[], taken: ReadonlySet<number | undefined>): Columns["traits"] {
  const traits = names
    .map((name, place) => ({ place, name: name.trim() }))
    .filter(({ place, name }) => name !== "" && !taken.has(place));
  const seen = new Set<string>();
  for (const { name } of traits) {
    if (seen.has(name)) throw new Error(`Two columns are called ${JSON.stringify(name)}: a trait has one value.`);
    seen.add(name);
    if (name.length > traitLimits.nameLength || !isStorableText(name))
      throw new Error(
        `The column ${JSON.stringify(name.slice(0, 60))} cannot be a trait: its name is too long, or has a character that cannot be kept.`,
      );
  }
  if (traits.length > traitLimits.names)
    throw new Error(`The file has ${traits.length} columns that would be traits; ${traitLimits.names} is the most.`);
  return traits;
}

function spell(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "");
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}
