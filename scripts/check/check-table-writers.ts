// One table, one file that writes it: <table>-table.ts, with dashes. Reading is free.
import { posix } from "node:path";
import { type Finding, lineAt, type SourceFile } from "./finding.ts";
import { hole, listQuotes } from "./parse-source.ts";

/** Files that write tables under another rule, and why. */
const exceptions: Record<string, string> = {
  "src/platform/database/restore.ts": "fills every table of an empty database from a backup, whatever tables there are",
  "src/platform/database/migrate.ts": "keeps schema_migrations, which must be there before the first migration is",
};

type Tables = {
  names: Set<string>;
  /** Partition → the table it is a part of. */
  partitions: Map<string, string>;
  /** Tables made of partitions, some of which get their names at run time. */
  partitioned: string[];
};

type Write = { table: string; what: string; line: number };

/** In the place of a table whose name is made at run time, as only those of partitions need be. */
const nameless = "?";

export function checkTableWriters(files: {
  sources: readonly SourceFile[];
  migrations: readonly SourceFile[];
}): Finding[] {
  const tables = readTables(files.migrations);
  const sources = files.sources.filter(({ path }) => !/\.test\.tsx?$/.test(path) && !(path in exceptions));
  return [...sources.flatMap((file) => checkFile(file, tables)), ...checkNames(sources, tables)];
}

function checkFile(file: SourceFile, tables: Tables): Finding[] {
  const own = ownTable(file.path, tables);
  return listWrites(file, tables).flatMap(({ table, what, line }): Finding[] => {
    if (table === nameless) {
      if (own !== undefined && tables.partitioned.includes(own)) return [];
      const problem = `\`${what}\` writes a table whose name is not in the text: name it, so that its one writer can be checked`;
      return [{ path: file.path, line, problem }];
    }
    if (table === own) return [];
    return [{ path: file.path, line, problem: `\`${what}\` writes ${table}, which only ${fileOf(table)} may do` }];
  });
}

/** Files that end in -table.ts: each is named after a table, and none after the table of another. */
function checkNames(sources: readonly SourceFile[], tables: Tables): Finding[] {
  const writers = sources.map(({ path }) => path).filter((path) => path.endsWith("-table.ts"));
  return writers.flatMap((path): Finding[] => {
    const table = ownTable(path, tables);
    if (table === undefined) {
      return [{ path, line: 1, problem: "is named like the writer of a table, but no migration makes that table" }];
    }
    const other = writers.find((writer) => writer !== path && ownTable(writer, tables) === table);
    return other === undefined ? [] : [{ path, line: 1, problem: `writes ${table}, and so does ${other}` }];
  });
}

const fileOf = (table: string) => `${table.replaceAll("_", "-")}-table.ts`;

function ownTable(path: string, { names }: Tables): string | undefined {
  return [...names].find((table) => fileOf(table) === posix.basename(path));
}

function readTables(migrations: readonly SourceFile[]): Tables {
  const tables: Tables = { names: new Set(), partitions: new Map(), partitioned: [] };
  for (const { text } of migrations) {
    for (const statement of withoutComments(text).split(/(?=\bcreate\s+table\b)|;/i)) {
      const head = /^create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)(?:\s+partition\s+of\s+(\w+))?/i.exec(statement);
      const [, name, whole] = head ?? [];
      if (name === undefined) continue;
      if (whole === undefined) tables.names.add(name);
      else tables.partitions.set(name, whole);
      if (/\bpartition\s+by\b/i.test(statement)) tables.partitioned.push(name);
    }
  }
  // The dumped schema shows a partition like a table of its own.
  for (const partition of tables.partitions.keys()) tables.names.delete(partition);
  return tables;
}

const name = `(?:"?public"?\\.)?"?([\\w${hole}]+)"?`;
const writes = [
  `\\binsert\\s+into\\s+${name}`,
  `\\bupdate\\s+(?:only\\s+)?${name}(?:\\s+\\*)?(?:\\s+(?:as\\s+)?\\w+)?\\s+set\\b`,
  `\\bdelete\\s+from\\s+(?:only\\s+)?${name}`,
  `\\bmerge\\s+into\\s+(?:only\\s+)?${name}`,
  `\\bcopy\\s+${name}\\s*(?:\\([^)]*\\)\\s*)?\\s*from\\s+(?:stdin\\b|program\\b|')`,
  `\\btruncate\\s+(?:table\\s+)?(?:only\\s+)?${name}`,
  `\\bdrop\\s+table\\s+(?:if\\s+exists\\s+)?${name}`,
].map((pattern) => new RegExp(pattern, "gi"));
/** Further names after the first: truncate a, b · drop table a, b. */
const lists = new RegExp(
  `\\b(?:truncate(?:\\s+table)?|drop\\s+table(?:\\s+if\\s+exists)?)\\s+([\\w${hole}\\s,."]+)`,
  "gi",
);

function listWrites(file: SourceFile, tables: Tables): Write[] {
  return listQuotes(file).flatMap((quote) => {
    const sql = withoutComments(quote.text);
    const found: Write[] = [];
    const add = (target: string, what: string, offset: number) => {
      const table = findTable(target, tables);
      if (table === undefined) return;
      const line = quote.line + lineAt(sql, offset) - 1;
      found.push({ table, what: what.replaceAll(hole, "…").replace(/\s+/g, " "), line });
    };
    for (const pattern of writes) {
      for (const match of sql.matchAll(pattern)) add(match[1] ?? "", match[0], match.index);
    }
    for (const match of sql.matchAll(lists)) {
      for (const target of (match[1] ?? "").split(",").slice(1)) add(firstWord(target), match[0], match.index);
    }
    // "insert into " + table
    for (const match of sql.matchAll(/\b(?:insert\s+into|delete\s+from|merge\s+into)\s*$/gi))
      add(hole, match[0], match.index);
    return found;
  });
}

/** The table of ours behind a name, if it is one of ours. */
function findTable(target: string, { names, partitions, partitioned }: Tables): string | undefined {
  const plain = target.toLowerCase();
  if (names.has(plain)) return plain;
  const whole = partitions.get(plain) ?? partitioned.find((table) => plain.startsWith(`${table}_`));
  return whole ?? (plain.includes(hole) ? nameless : undefined);
}

/** Of a list's piece, without what may follow the last: truncate a, b cascade. */
function firstWord(text: string): string {
  return new RegExp(`^\\s*${name}`).exec(text)?.[1] ?? "";
}

/** Comments become spaces, so that lines stay where they are. */
function withoutComments(sql: string): string {
  return sql.replace(/--[^\n]*/g, (comment) => " ".repeat(comment.length));
}
