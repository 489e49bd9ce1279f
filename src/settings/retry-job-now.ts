import { writeAudit } from "../access/audit-log-table.ts";
import type { Tx } from "../platform/database/pool.ts";
import { type Job, retryJob } from "../platform/job-queries.ts";
import type { Author } from "../platform/routes.ts";

/** Lets a background job run at once. It is of no workspace: the line stands in the log of whoever asks. */
export async function retryJobNow(
  tx: Tx,
  { id, workspaceId, author }: { id: string; workspaceId: string; author: Author },
  now: Date,
): Promise<Job> {
  const job = await retryJob(tx, id);
  const subject = { type: "job", id };
  await writeAudit(tx, { ...author, workspaceId, action: "job.retried", subject, after: { name: job.name } }, now);
  return job;
}
