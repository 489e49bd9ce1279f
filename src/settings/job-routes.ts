// Background jobs over HTTP, for administrators. They are the whole installation's and work for every workspace in turn, so
// what they say of themselves names no workspace, and whoever lets one run does no more than its timetable would.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import { Job, JobList } from "../contract/jobs.ts";
import type { Database } from "../platform/database/pool.ts";
import { listJobs } from "../platform/job-queries.ts";
import { listRecurringJobs } from "../platform/recurring-jobs-table.ts";
import { addRoute, addWriteRoute } from "../platform/routes.ts";
import { retryJobNow } from "./retry-job-now.ts";

const shared = { tag: "Jobs", needs: "admin", errors: ErrorAnswer } as const;

/** `database`: the whole one. */
export function addJobRoutes(
  app: FastifyInstance,
  { database, clock }: { database: Database; clock: () => Date },
): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/jobs",
    summary: "What runs in the background: the timetable, and jobs that wait, run, or have failed",
    answer: JobList,
    run: async () => ({ recurring: await listRecurringJobs(database), jobs: await listJobs(database) }),
  });
  addWriteRoute(app, {
    ...shared,
    method: "POST",
    url: "/jobs/:id/retry",
    summary: "Let a job that waits or has failed run at once, with all its attempts before it",
    params: IdParameter,
    answer: Job,
    in: database,
    write: ({ db, workspaceId, author, params: { id } }) => retryJobNow(db, { id, workspaceId, author }, clock()),
  });
}
