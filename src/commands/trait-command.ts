import { Argument, type Command, Option } from "commander";
import { readTraitValue, readTraitValueAs } from "../import/read-trait.ts";
import type { RecordKind, TraitSaid } from "../pipeline/records.ts";
import { saveTraitSettings } from "../pipeline/save-trait-settings.ts";
import { saveTraits } from "../pipeline/save-traits.ts";
import { sourceOfReport } from "../pipeline/trait-sources.ts";
import { explainMisfit, findLimitProblem, type TraitTypes, traitTypes } from "../pipeline/trait-values.ts";
import { listTraitNames, type TraitName } from "../pipeline/use/trait-names-queries.ts";
import { isUuid } from "../platform/uuid.ts";
import { parseIdOf, parseList } from "./arguments.ts";
import { cleanText, commandLine, findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

const levels: readonly RecordKind[] = ["organization", "account", "user"];
const asIs = "as-is";
const usual = "usual";

type Common = { workspace?: string; json?: boolean };

export function addTraitCommand(program: Command): void {
  const trait = program
    .command("trait")
    .description("the named values of records: where they come from, and setting them");
  addListCommand(trait);
  addSetCommand(trait);
  addWriteCommand(trait);
}

const workspaceOption = () =>
  new Option("--workspace <id>", "the workspace (default: the first one)").argParser(parseIdOf("a workspace"));
const levelOption = () => new Option("--level <level>", "whose traits").choices(levels);

function addListCommand(trait: Command): void {
  trait
    .command("list")
    .description("every trait that records have: its sources, types, and how many records have it")
    .addOption(levelOption())
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((options: Common & { level?: RecordKind }) =>
      withDatabase(async ({ database }) => {
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const names: TraitName[] = [];
        for (const level of options.level ? [options.level] : levels)
          names.push(...(await listTraitNames(database.pool, workspaceId, level)));
        print(names, options, (all) => formatTable(all.flatMap(toRows), "There are no traits yet."));
      }),
    );
}

/** A line for each source, so that what stands for the name is seen to stand first. */
function toRows({ level, name, type, records, from }: TraitName): Record<string, unknown>[] {
  const set = type ?? "as it comes";
  if (from.length === 0) return [{ level, name, type: set, records, source: null, values: null, types: null }];
  return from.map(({ sourceName, records: values, types }, place) => ({
    level: place === 0 ? level : "",
    name: place === 0 ? name : "",
    type: place === 0 ? set : "",
    records: place === 0 ? records : "",
    source: sourceName,
    values,
    types: types.map((one) => (types.length > 1 ? `${one.type} (${one.records})` : one.type)),
  }));
}

function addSetCommand(trait: Command): void {
  trait
    .command("set")
    .description("decide about one trait: its type, and which source stands for it. Values that are there stay")
    .addOption(levelOption().makeOptionMandatory())
    .requiredOption("--name <name>", "the trait's name")
    .addOption(
      new Option(
        "--type <type>",
        "what values of people, imports and the API must be; as-is: whatever a value looks like",
      ).choices([...traitTypes, asIs]),
    )
    .option(
      "--precedence <sources>",
      "with commas: the sources that stand before all others, as custom,<id of a report>; usual: the usual order",
      parseList,
    )
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((options: Common & { level: RecordKind; name: string; type?: string; precedence?: string[] }) =>
      withDatabase(async ({ database }) => {
        const { level, name, type, precedence } = options;
        if (type === undefined && precedence === undefined) throw new Error("Say --type, --precedence, or both.");
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const change = {
          ...(type !== undefined && { type: type === asIs ? null : type }),
          ...(precedence && { sources: readPrecedence(precedence) }),
        };
        const saved = await saveTraitSettings(
          database.pool,
          { workspaceId, kind: level, name, author: commandLine },
          change,
          new Date(),
        );
        if ("problem" in saved) throw new Error(saved.problem);
        print({ level, name, ...saved.settings }, options, (one) =>
          [
            `${level} ${cleanText(name)}: ${one.type === null ? "values are as they come" : `values are of the type ${one.type}`}.`,
            one.sources === null
              ? "Its sources stand in the usual order."
              : `Its sources stand in this order: ${one.sources.join(", ")}, then the others.`,
          ].join("\n"),
        );
      }),
    );
}

function readPrecedence(given: readonly string[]): string[] | null {
  if (given.length === 1 && given[0] === usual) return null;
  return given.map((source) => (isUuid(source) ? sourceOfReport(source.toLowerCase()) : source));
}

function addWriteCommand(trait: Command): void {
  trait
    .command("write")
    .description("set traits of one record; name=null takes a value away, what is not named stays")
    .addArgument(new Argument("<level>", "what the record is").choices(levels))
    .argument("<record>", "its id or external ID")
    .argument("<name=value...>", "numbers, yes and no, dates and JSON lists are recognised, as in an import")
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((kind: RecordKind, record: string, given: string[], options: Common) =>
      withDatabase(async ({ database }) => {
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const to = { workspaceId, kind, record, source: "person" as const, at: new Date(), author: commandLine };
        const saved = await saveTraits(database.pool, to, (types) => readPairs(given, types));
        if (saved.outcome === "no-record") throw new Error(`There is no ${kind} ${JSON.stringify(record)}.`);
        if (saved.outcome === "refused") throw new Error([...saved.problems, "Nothing was changed."].join("\n"));
        print({ id: saved.recordId, changed: saved.changed }, options, (one) => `${one.changed} values changed.`);
      }),
    );
}

function readPairs(given: readonly string[], types: TraitTypes): { traits: TraitSaid[] } | { problems: string[] } {
  const readings = given.map((pair) => readPair(pair, types));
  const problems = readings.filter((reading) => typeof reading === "string");
  return problems.length > 0 ? { problems } : { traits: readings.filter((reading) => typeof reading !== "string") };
}

/** A text says what is wrong with it. */
function readPair(pair: string, types: TraitTypes): TraitSaid | string {
  const [, name, text] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
  if (name === undefined || text === undefined) return `${JSON.stringify(pair)} is not name=value.`;
  const problem = findLimitProblem(name, text);
  if (problem) return problem;
  if (text === "null") return { name, type: null, value: null };
  const type = types.get(name);
  const value = type === undefined ? readTraitValue(text) : readTraitValueAs(text, type);
  return value ? { name, ...value } : explainMisfit(name, type!, text);
}
