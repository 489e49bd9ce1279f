// Rows that belong to one record, found through the index that leads with it. Said as an equality, PostgreSQL chooses the index by
// statistics: those of a table that was empty when they were made let it read the whole workspace by time (200,000 responses for
// each account of a page). A range of one value with its order can only be had from the one index.

export type OwnedRows = {
  select: string;
  table: string;
  /** The columns of the index behind the workspace: that of the owner, and the next. */
  by: readonly [string, string];
  /** The owner, in SQL. */
  owner: string;
  /** The workspace, in SQL. */
  workspace?: string;
  also?: string;
};

/** A query in parentheses; its limit, which is never reached, keeps it as it is. */
export function ownedRows({ select, table, by, owner, workspace = "r.workspace_id", also = "" }: OwnedRows): string {
  const [column, next] = by;
  const qualified = column.includes(".") ? `${column.split(".")[0]}.workspace_id` : "workspace_id";
  return `(select ${select} from ${table} where ${qualified} = ${workspace} and ${column} between ${owner} and ${owner} ${also}
           order by ${column}, ${next} limit 10000000)`;
}
