// A row becomes what it says of a record, or is rejected with the reason. Ids are taken exactly as they stand; names and values
// lose the spaces around them. An empty cell says nothing; `null` clears.
import { isNobody } from "../pendo/read-id.ts";
import { longestName, type RecordKind, type RecordSaid, type TraitSaid, type TraitType } from "../pipeline/records.ts";
import { explainMisfit, type TraitTypes } from "../pipeline/trait-values.ts";
import type { Columns } from "./read-columns.ts";
import { readTraitValue, readTraitValueAs } from "./read-trait.ts";

type RowReading = { said: RecordSaid } | { reason: string };

export type RowReader = (cells: readonly string[]) => RowReading;

/** In bytes of UTF-8: what an index of PostgreSQL takes, and what is taken from Pendo. */
const longestId = 1_000;
const longestText = 10_000;

class Rejection extends Error {}

/** `types` are those that values must have; a trait without one has whatever a value looks like. */
export function createRowReader(kind: RecordKind, columns: Columns, types: TraitTypes = new Map()): RowReader {
  return (cells) => {
    try {
      checkShape(columns, cells);
      const cell = (place: number | undefined) => (place === undefined ? "" : cells[place]!);
      const said: RecordSaid = {
        externalId: readId(cell(columns.externalId), "external ID"),
        ...readName("name", cell(columns.name)),
        ...readName("email", cell(columns.email)),
        ...readPlaces(kind, cell(columns.organization), cell(columns.account)),
        traits: columns.traits.flatMap(({ place, name }) => readTrait(name, cells[place]!, types.get(name))),
      };
      return { said };
    } catch (error) {
      if (error instanceof Rejection) return { reason: error.message };
      throw error;
    }
  };
}

function checkShape({ names }: Columns, cells: readonly string[]): void {
  if (cells.slice(names.length).some((cell) => cell !== "") || cells.length < names.length)
    throw new Rejection(`It has ${cells.length} cells, and there are ${names.length} columns.`);
  for (const [place, cell] of cells.entries()) {
    const column = describeColumn(names, place);
    if (cell.includes("\0")) throw new Rejection(`${column} has the character U+0000, which cannot be kept.`);
    if (hasDoubtfulQuotes(cell)) throw new Rejection(`The quotes of ${column} cannot be read for sure.`);
    if (names[place]?.trim() === "" && cell !== "") throw new Rejection(`${column} has no name.`);
  }
}

/**
 * A space before the first quote makes the quotes a part of the cell; a cell that still begins with a quote and goes over
 * several lines has most likely swallowed the rows between two quotes that are not a pair.
 */
function hasDoubtfulQuotes(cell: string): boolean {
  return /^\s+"/.test(cell) || (cell.startsWith('"') && /[\r\n]/.test(cell));
}

function describeColumn(names: readonly string[], place: number): string {
  const name = names[place]?.trim();
  return name ? `Column ${JSON.stringify(name)}` : `Column ${place + 1}`;
}

function readId(id: string, what: string): string {
  if (id === "") throw new Rejection(`The ${what} is empty.`);
  if (isNobody(id)) throw new Rejection(`The ${what} ${JSON.stringify(id.slice(0, 60))} identifies nobody.`);
  if (Buffer.byteLength(id) > longestId) throw new Rejection(`The ${what} is longer than ${longestId} bytes.`);
  return id;
}

function readName<Key extends "name" | "email">(key: Key, cell: string): { [key in Key]?: string | null } {
  const text = cell.trim();
  if (text === "") return {};
  if (text.length > longestName) throw new Rejection(`The ${key} is longer than ${longestName} characters.`);
  return { [key]: text === "null" ? null : text } as { [key in Key]?: string | null };
}

/** An account is in one organization, and `null` takes it out. What a user is in is only ever added to. */
function readPlaces(kind: RecordKind, organization: string, account: string): Partial<RecordSaid> {
  if (kind === "account") {
    if (organization === "") return {};
    return { organization: organization === "null" ? null : readId(organization, "organization") };
  }
  return {
    ...(organization !== "" && { organizations: readIds(organization, "organization") }),
    ...(account !== "" && { accounts: readIds(account, "account") }),
  };
}

/** Several ids: a list in JSON, exactly; or separated by semicolons, with or without spaces around them. */
function readIds(cell: string, what: string): string[] {
  return [...new Set(readList(cell) ?? splitIds(cell))].map((id) => readId(id, what));
}

function splitIds(cell: string): string[] {
  const parts = cell.split(";");
  return parts.length === 1 ? parts : parts.map((part) => part.trim()).filter((part) => part !== "");
}

function readList(cell: string): string[] | undefined {
  const list = cell.startsWith("[") ? readTraitValue(cell).value : undefined;
  return Array.isArray(list) ? list.map(String) : undefined;
}

function readTrait(name: string, cell: string, type: TraitType | undefined): TraitSaid[] {
  const text = cell.trim();
  if (text === "") return [];
  if (text === "null") return [{ name, type: null, value: null }];
  if (text.length > longestText)
    throw new Rejection(`Column ${JSON.stringify(name)} is longer than ${longestText} characters.`);
  const value = type === undefined ? readTraitValue(text) : readTraitValueAs(text, type);
  if (!value) throw new Rejection(explainMisfit(name, type!, text));
  return [{ name, ...value }];
}
