// All rows of a file, put down in a temporary table before anything is imported. So nothing is written of a file that turns out
// to be broken at its end, rows about one record meet however far apart they stand, and a million of them need no memory.

import type { RecordSaid } from "../pipeline/records.ts";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { toStorableJson } from "../platform/json.ts";

export type StagedRows = {
  add: (row: number, said: RecordSaid) => Promise<void>;
  /** What the rows say of each record together, by external ID; only of those behind one, where it is given. */
  readRecords: (after?: string) => AsyncGenerator<RecordSaid>;
  close: () => Promise<void>;
};

type StagedRow = { externalId: string; row: number; said: RecordSaid };

const mostWaiting = 1_000;
const page = 1_000;

export async function openStagedRows(database: Database): Promise<StagedRows> {
  const client = await database.connect();
  let waiting: StagedRow[] = [];
  let broken: Error | undefined;

  async function query(text: string, values: unknown[] = []) {
    try {
      return await client.query(text, values);
    } catch (error) {
      broken = error as Error;
      throw error;
    }
  }

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const rows = waiting;
    waiting = [];
    await query(
      `insert into pg_temp.plumbline_rows select "externalId", row, said
       from json_to_recordset($1) as r("externalId" text, row int, said json)`,
      [toStorableJson(rows)],
    );
  }

  await query(
    'create temporary table plumbline_rows (external_id text collate "C" not null, row int not null, said json not null)',
  ).catch((error) => {
    client.release(true);
    throw error;
  });
  return {
    async add(row, said) {
      waiting.push({ externalId: said.externalId, row, said });
      if (waiting.length >= mostWaiting) await flush();
    },
    async *readRecords(after = "") {
      await flush();
      await query("create index on pg_temp.plumbline_rows (external_id, row)");
      yield* mergeRows(readPages({ query } as Queryable, after));
    },
    async close() {
      if (!broken) await query("drop table pg_temp.plumbline_rows").catch(() => {});
      client.release(broken);
    },
  };
}

async function* readPages(db: Queryable, after: string): AsyncGenerator<StagedRow> {
  // Behind every row of that external ID.
  let last: Pick<StagedRow, "externalId" | "row"> = { externalId: after, row: after === "" ? 0 : 2 ** 31 - 1 };
  for (;;) {
    const { rows } = await db.query<StagedRow>(
      `select external_id as "externalId", row, said from pg_temp.plumbline_rows
       where (external_id, row) > ($1, $2) order by external_id, row limit ${page}`,
      [last.externalId, last.row],
    );
    yield* rows;
    if (rows.length < page) return;
    last = rows.at(-1)!;
  }
}

async function* mergeRows(rows: AsyncIterable<StagedRow>): AsyncGenerator<RecordSaid> {
  let merged: RecordSaid | undefined;
  for await (const { said } of rows) {
    if (merged && merged.externalId !== said.externalId) {
      yield merged;
      merged = undefined;
    }
    merged = merged ? mergeSaid(merged, said) : said;
  }
  if (merged) yield merged;
}

/**
 * As if the rows were imported one after the other: the later one's words count, and what a user is in adds up. An
 * organization that a later row takes an account out of again has been named all the same.
 */
function mergeSaid(earlier: RecordSaid, later: RecordSaid): RecordSaid {
  const traits = new Map([...earlier.traits, ...later.traits].map((trait) => [trait.name, trait]));
  const isMoved = later.organization !== undefined && typeof earlier.organization === "string";
  return {
    ...earlier,
    ...later,
    ...join("accounts", earlier.accounts, later.accounts),
    ...join("organizations", earlier.organizations, later.organizations),
    ...join("formerOrganizations", earlier.formerOrganizations, isMoved ? [earlier.organization!] : undefined),
    traits: [...traits.values()],
  };
}

function join<Key extends string>(
  key: Key,
  some: readonly string[] | undefined,
  others: readonly string[] | undefined,
): { [key in Key]?: string[] } {
  if (!some && !others) return {};
  return { [key]: [...new Set([...(some ?? []), ...(others ?? [])])] } as { [key in Key]?: string[] };
}
