// Background jobs, as the API gives them.
import { Type } from "typebox";
import { Nullable, Time } from "./api.ts";

const RecurringJob = Type.Object({
  name: Type.String(),
  when: Type.String({ description: "Minute, hour, day of the month, month, day of the week" }),
  zone: Type.String({ description: "The time zone of `when`" }),
  why: Type.String({ description: "What it is for" }),
  nextAt: Time,
  lastStartedAt: Nullable(Time),
  lastFinishedAt: Nullable(Time),
  lastFailedAt: Nullable(Time),
  lastFailure: Nullable(Type.String({ description: "What went wrong then" })),
});

export const Job = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.Union([Type.Literal("waiting"), Type.Literal("running"), Type.Literal("failed")], {
    description: "failed: it is not tried again by itself",
  }),
  attempts: Type.Integer(),
  mostAttempts: Type.Integer(),
  lastFailure: Nullable(Type.String({ description: "What went wrong last; null: nothing did" })),
  runAt: Type.String({ format: "date-time", description: "When it is, or was, due" }),
  createdAt: Time,
});

export const JobList = Type.Object({
  recurring: Type.Array(RecurringJob, { description: "The timetable; empty until a scheduler has started once" }),
  jobs: Type.Array(Job, { description: "Those that wait, run, or have failed, the oldest first" }),
});
