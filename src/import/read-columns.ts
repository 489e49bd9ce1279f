// What the columns of a file are, told from their names.
import type { RecordKind } from "../pipeline/records.ts";
import { traitLimits } from "../pipeline/trait-values.ts";
import { isStorableText } from "../platform/json.ts";
import { type ColumnChoice, type ColumnRole as Role, WrongFileError } from "./import.ts";

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

function refuseWithoutId(names: readonly string[]): never {
  throw new WrongFileError(
    `No column is the external ID: call it external_id. The file has ${quoteAll(names.slice(0, 20))}.`,
  );
}

/** What each column becomes as its name says it. Of two that are the same, neither is proposed to be more than a trait. */
export function proposeColumns(kind: RecordKind, names: readonly string[]): ColumnChoice[] {
  const roles = [...findPlaces(kind, names)];
  return names.map((column, place) => {
    const role = roles.find(([, [first, ...others]]) => first === place && others.length === 0)?.[0];
    if (role) return { column, becomes: role };
    return { column, becomes: column.trim() === "" ? "nothing" : "trait" };
  });
}

/**
 * As people chose it; what they did not choose is as its name says, unless the part is taken. Throws, in plain words, when the
 * columns do not make a file of such records.
 */
export function chooseColumns(
  kind: RecordKind,
  names: readonly string[],
  choices: readonly ColumnChoice[] | null = null,
): Columns {
  const chosen = new Map((choices ?? []).map((choice) => [choice.column, choice]));
  for (const column of chosen.keys())
    if (!names.includes(column)) throw new WrongFileError(`There is no column ${JSON.stringify(column)}.`);
  for (const places of findPlaces(kind, names).values())
    refuseSame(
      names,
      places.filter((place) => !chosen.has(names[place]!)),
    );
  const taken = new Set([...chosen.values()].map(({ becomes }) => becomes));
  const all = proposeColumns(kind, names).map((proposed): ColumnChoice => {
    const choice = chosen.get(proposed.column);
    if (choice) return choice;
    const isFree = proposed.becomes === "nothing" || proposed.becomes === "trait" || !taken.has(proposed.becomes);
    return isFree ? proposed : { column: proposed.column, becomes: "trait" };
  });
  const findRole = (role: Role) => {
    const places = all.flatMap(({ becomes }, place) => (becomes === role ? [place] : []));
    if (places.length > 1)
      throw new WrongFileError(`The columns ${quoteAll(places.map((place) => names[place]!))} cannot both be ${role}.`);
    if (places.length > 0 && role !== "externalId" && !spellings[kind][role])
      throw new WrongFileError(`A column of ${kind}s cannot be ${role}.`);
    return places[0];
  };
  const named = all.map(({ column, becomes, trait }) => (becomes === "trait" ? (trait ?? column) : ""));
  return {
    names,
    externalId: findRole("externalId") ?? refuseWithoutId(names),
    name: findRole("name"),
    email: findRole("email"),
    organization: findRole("organization"),
    account: findRole("account"),
    traits: listTraits(named),
  };
}

/** Where the columns stand whose names say that they take a part; several where names are the same but for their spelling. */
function findPlaces(kind: RecordKind, names: readonly string[]): Map<Role, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, name] of names.entries()) {
    const spelling = spell(name);
    const same = places.get(spelling);
    if (same) same.push(place);
    else places.set(spelling, [place]);
  }
  const found = new Map<Role, number[]>();
  for (const [role, known] of Object.entries(spellings[kind]) as [Role, readonly string[]][]) {
    const spelling = known.find((one) => places.has(one));
    if (spelling !== undefined) found.set(role, places.get(spelling)!);
  }
  return found;
}

function refuseSame(names: readonly string[], places: readonly number[]): void {
  if (places.length > 1)
    throw new WrongFileError(
      `The columns ${quoteAll(places.map((place) => names[place]!))} are the same: keep one of them.`,
    );
}

function listTraits(names: readonly string[]): Columns["traits"] {
  const traits = names.map((name, place) => ({ place, name: name.trim() })).filter(({ name }) => name !== "");
  const seen = new Set<string>();
  for (const { name } of traits) {
    if (seen.has(name))
      throw new WrongFileError(`Two columns are called ${JSON.stringify(name)}: a trait has one value.`);
    seen.add(name);
    if (name.length > traitLimits.nameLength || !isStorableText(name))
      throw new WrongFileError(
        `The column ${JSON.stringify(name.slice(0, 60))} cannot be a trait: its name is too long, or has a character that cannot be kept.`,
      );
  }
  if (traits.length > traitLimits.names)
    throw new WrongFileError(
      `The file has ${traits.length} columns that would be traits; ${traitLimits.names} is the most.`,
    );
  return traits;
}

function spell(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "");
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}
