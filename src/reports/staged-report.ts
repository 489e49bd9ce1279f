// A report in a session of its own: its rows are put down by COPY in temporary tables that end with the session, so that a
// process that dies leaves nothing behind, and a million rows need neither memory here nor a write to disk that has to last.
//
//   report_rows     a line for each row of Pendo's: row_number, id, reason, misfits, cells (this file)
//   report_ids      a line for each id: external_id, record_id, or the reason why it has none (pipeline/match)
//   report_values   a line for each record: record_id, its values, and whether each of them is known (this file)
import { once } from "node:events";
import { from as copyFrom } from "pg-copy-streams";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import type { JsonObject } from "../platform/json.ts";
import { selectCombined } from "./combine-sql.ts";
import type { Report } from "./report.ts";
import { planStagedColumns, type StagedColumns } from "./staged-columns.ts";
import { createRowWriter, type RowCounts, type RowWriter } from "./staged-rows.ts";

export type StagedReport = StagedColumns & {
  /** Empties what is there: Pendo is asked (again). */
  begin: () => Promise<void>;
  /** Resolves when more may come; the last of it may still be on its way. */
  take: (rows: readonly JsonObject[]) => Promise<void>;
  /** All rows are there. */
  end: () => Promise<RowCounts>;
  counts: () => RowCounts;
  /** Combines the rows of each record. Resolves to how many records there are. */
  combine: () => Promise<number>;
  /** The session, for what has to see these tables. Its statements may take as long as they need. */
  session: Database;
  close: () => Promise<void>;
};

/** Characters that go to the database at once. */
const copySize = 1 << 20;
/** Somebody else's lock is waited for no longer; then the run begins again later. */
const longestWaitMs = 60_000;

export async function openStagedReport(
  database: Database,
  report: Pick<Report, "idColumn" | "columns">,
  signal: AbortSignal,
): Promise<StagedReport> {
  const plan = planStagedColumns(report.columns);
  const { session, copy, close } = await openSession(database, signal);
  let writer: RowWriter = createRowWriter(report.idColumn, plan.columns);
  let lines = "";
  let onItsWay: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const text = lines;
    lines = "";
    await onItsWay;
    if (text === "") return;
    onItsWay = copy("copy pg_temp.report_rows from stdin", text);
    // Told to whoever waits for it.
    onItsWay.catch(() => {});
  }

  try {
    await session.query(
      "create temporary table report_rows (row_number int not null, id text, reason text, misfits jsonb, cells jsonb)",
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...plan,
    session,
    close,
    async begin() {
      lines = "";
      await onItsWay;
      await session.query("truncate pg_temp.report_rows");
      writer = createRowWriter(report.idColumn, plan.columns);
    },
    async take(rows) {
      lines += writer.write(rows);
      if (lines.length >= copySize) await flush();
    },
    async end() {
      await flush();
      await onItsWay;
      await session.query("analyze pg_temp.report_rows");
      return writer.counts();
    },
    counts: () => writer.counts(),
    combine: () => combineRows(session, plan),
  };
}

/** In the order of records, in which traits are found and written fastest. */
async function combineRows(db: Queryable, plan: StagedColumns): Promise<number> {
  const { rowCount } = await db.query(
    `create temporary table report_values as
     select i.record_id, ${selectCombined(plan)}
     from pg_temp.report_rows r join pg_temp.report_ids i on i.id = r.id and r.reason is null
     where i.record_id is not null
     group by i.record_id order by i.record_id`,
  );
  await db.query("analyze pg_temp.report_values");
  return rowCount ?? 0;
}

type Session = {
  session: Database;
  copy: (statement: string, text: string) => Promise<void>;
  close: () => Promise<void>;
};

/** One connection, held until `close`. When `signal` is aborted, whatever it does at that moment is broken off. */
async function openSession(database: Database, signal: AbortSignal): Promise<Session> {
  const client = await database.connect();
  let broken: Error | undefined;
  let isClosed = false;
  const keepError = (error: unknown): never => {
    broken ??= error as Error;
    throw error;
  };
  const query = ((...given: Parameters<Tx["query"]>) => {
    if (signal.aborted) return Promise.reject(signal.reason);
    return (client.query(...given) as unknown as Promise<unknown>).catch(keepError);
  }) as Tx["query"];
  const held = { query, release: (error?: Error) => (broken ??= error) } as unknown as Tx;
  const session: Database = { query: query as Database["query"], connect: async () => held };

  let pid = 0;
  const breakOff = () => {
    if (!isClosed && pid !== 0) database.query("select pg_cancel_backend($1)", [pid]).catch(() => {});
  };
  signal.addEventListener("abort", breakOff);

  async function close(): Promise<void> {
    signal.removeEventListener("abort", breakOff);
    isClosed = true;
    // What breaks off its statement may arrive when somebody else has this connection.
    if (signal.aborted) broken ??= signal.reason as Error;
    try {
      if (!broken)
        await client.query("close all; discard temp; reset statement_timeout; reset lock_timeout; reset work_mem");
    } catch (error) {
      broken = error as Error;
    }
    client.release(broken);
  }

  try {
    const { rows } = await query<{ pid: number }>(
      `select pg_backend_pid() as pid, set_config('statement_timeout', '0', false), set_config('lock_timeout', '${longestWaitMs}', false),
              set_config('work_mem', '64MB', false)`,
    );
    pid = rows[0]!.pid;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    session,
    close,
    async copy(statement, text) {
      if (signal.aborted) throw signal.reason;
      try {
        const stream = client.query(copyFrom(statement));
        stream.end(text);
        await once(stream, "finish");
      } catch (error) {
        keepError(error);
      }
    },
  };
}
