// What the API takes and gives about reports of Pendo that become traits.
import { type Static, type TSchema, Type } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const OneOf = <const T extends string>(values: readonly T[], description?: string) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    description === undefined ? {} : { description },
  );
const Time = Type.String({ format: "date-time", description: "ISO 8601, UTC" });
const OptionalText = Nullable(Type.String());
const OptionalTime = Nullable(Time);
const OptionalCount = Nullable(Type.Integer());
const Id = Type.String({ description: "Plumbline's own id (uuid)" });

const Level = OneOf(["organization", "account", "user"], "Whose traits its columns become");
const IdKind = OneOf(
  ["visitor", "account", "external"],
  "What the id column holds: Pendo's ids of visitors or accounts, which go the way of the connection's mapping, or external IDs",
);
const TraitType = OneOf(["number", "text", "yes-no", "date", "list"]);
const Combine = OneOf(
  ["sum", "average", "min", "max", "count", "distinct", "latest"],
  "How the values of several rows about one record become one",
);
const Vanished = OneOf(["keep", "clear"], "What becomes of a value that the report has no longer");
const EveryHours = Type.Union([Type.Literal(1), Type.Literal(3), Type.Literal(6), Type.Literal(12), Type.Literal(24)], {
  description: "Hours from one run to the next",
});

const column = {
  column: Type.String({ description: "As Pendo spells it" }),
  trait: Type.String({ description: "The name of the trait it becomes" }),
  type: TraitType,
  combine: Combine,
  latestBy: Nullable(
    Type.String({
      description: "With combine latest: the column of dates that says which row is the latest; null: the last row",
    }),
  ),
};

export const ReportPreview = Type.Object({
  id: Type.String({ description: "Pendo's id of it" }),
  name: Type.String(),
  idColumn: Nullable(Type.String({ description: "The column named like Pendo's ids; null: none is" })),
  idKind: Nullable(IdKind),
  level: Level,
  columns: Type.Array(
    Type.Object({
      ...column,
      filled: Type.Integer({ description: "Rows looked at that have something in it" }),
      examples: Type.Array(Type.String()),
    }),
    { description: "What each column would become, the id column too" },
  ),
  rowsLookedAt: Type.Integer(),
  // No record of names by a pattern: one with a line break would be left out.
  rows: Type.Array(Type.Object({}, { additionalProperties: true }), {
    description: "The first rows, as Pendo gives them",
  }),
});
export const PreviewQuery = Type.Object({
  rows: Type.Integer({ minimum: 0, maximum: 200, default: 10, description: "How many of the first rows to show" }),
});
export const PendoReportParameters = Type.Object({ id: Type.String(), reportId: Type.String() });

const Choice = Type.Object(
  {
    column: column.column,
    trait: Type.Optional(column.trait),
    type: Type.Optional(TraitType),
    combine: Type.Optional(Combine),
    latestBy: Type.Optional(column.latestBy),
  },
  { additionalProperties: false },
);
const choices = {
  idColumn: Type.Optional(
    Type.String({ description: "Says whose a row is; without it, the one named like Pendo's visitorId or accountId" }),
  ),
  idKind: Type.Optional(IdKind),
  columns: Type.Optional(
    Type.Array(Choice, {
      description: "Which become traits; what is left out of each is as proposed. Without it: all",
    }),
  ),
  combine: Type.Optional(Combine),
  latestBy: Type.Optional(Type.String({ description: "For every column whose latest value counts" })),
  vanished: Type.Optional(Vanished),
  everyHours: Type.Optional(EveryHours),
};

export const NewReportBody = Type.Object(
  {
    connectionId: Id,
    pendoReportId: Type.String({ minLength: 1 }),
    level: Level,
    ...choices,
  },
  { additionalProperties: false },
);
export const ReportChangeBody = Type.Object(
  { ...choices, isOn: Type.Optional(Type.Boolean({ description: "false: paused" })) },
  { additionalProperties: false, minProperties: 1 },
);
export const RemoveReportQuery = Type.Object({
  clear: Type.Boolean({ default: false, description: "Take the traits away that it has given" }),
});
export const RemovedReport = Type.Object({
  id: Id,
  cleared: Type.Integer({ description: "Values that were taken away" }),
});

export const ReportRun = Type.Object({
  id: Id,
  reportId: Id,
  number: Type.Integer({ description: "The how-manieth run of its report" }),
  windowAt: Nullable(Type.String({ format: "date-time", description: "Null: somebody asked for it" })),
  state: OneOf(
    ["running", "done", "failed", "stopped", "cancelled"],
    "stopped: the report looks so different that a person is to say whether that is right",
  ),
  isConfirmed: Type.Boolean(),
  step: Nullable(OneOf(["reading", "matching", "writing"])),
  done: Type.Integer({ description: "How far it is in this step" }),
  total: OptionalCount,
  rowsRead: OptionalCount,
  columnsSeen: Nullable(Type.Array(Type.String())),
  matched: Nullable(Type.Integer({ description: "Records that rows are about" })),
  changed: Nullable(Type.Integer({ description: "Records with a changed trait" })),
  valuesChanged: OptionalCount,
  unmatched: Nullable(Type.Integer({ description: "Rows that are nobody's" })),
  typeErrors: Nullable(Type.Integer({ description: "Cells that do not fit their type" })),
  message: Nullable(Type.String({ description: "Why it failed or was stopped, or what it waits for" })),
  answers: Type.Array(
    Type.Object({
      at: Time,
      status: OptionalCount,
      bytes: Type.Integer(),
      rows: Type.Integer(),
      milliseconds: Type.Number(),
      trouble: OptionalText,
    }),
    { description: "What Pendo answered to the last twenty attempts" },
  ),
  failures: Type.Integer(),
  startedAt: Time,
  finishedAt: OptionalTime,
});
export const ReportRuns = Type.Object({ items: Type.Array(ReportRun, { description: "The newest first" }) });
export const RunsQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 20 }) });

export const Report = Type.Object({
  id: Id,
  connectionId: Id,
  pendoReportId: Type.String(),
  name: Type.String({ description: "What Pendo calls it" }),
  level: Level,
  idColumn: Type.String(),
  idKind: IdKind,
  columns: Type.Array(Type.Object(column)),
  vanished: Vanished,
  everyHours: EveryHours,
  isOn: Type.Boolean(),
  nextAt: Type.String({ format: "date-time", description: "When its next run is due" }),
  lastRun: Nullable(ReportRun),
  createdAt: Time,
  updatedAt: Time,
});
export const PendoReportList = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String({ description: "Pendo's id of it" }),
      name: Type.String(),
      type: OptionalText,
      level: Nullable(OneOf(["visitor", "account"], "What its rows are about")),
      isShared: Type.Boolean(),
      lastRunAt: Nullable(Type.String({ format: "date-time", description: "When it ran last at Pendo" })),
      isSyncable: Type.Boolean(),
      whyNot: OptionalText,
      reports: Type.Array(Report, { description: "What is synced of it, one for each level" }),
    }),
  ),
});

export const ReportList = Type.Object({ items: Type.Array(Report) });
export const ReportsQuery = Type.Object({
  connection: Type.Optional(Type.String({ description: "A connection's id" })),
});

export const ReportProblems = Type.Object({
  items: Type.Array(
    Type.Object({
      rowNumber: Type.Integer({ description: "In the order in which Pendo gave the rows, from 1" }),
      column: Nullable(Type.String({ description: "Whose cell does not fit; null: the row is nobody's" })),
      kind: OneOf(["unmatched", "type-error"]),
      reason: Type.String(),
      message: Type.String({ description: "The reason in a sentence" }),
      rowId: Nullable(Type.String({ description: "What the id column says" })),
      value: OptionalText,
    }),
  ),
  next: OptionalText,
});
export const ProblemsQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  from: Type.Optional(Type.String({ description: "The `next` of the page before" })),
});

export type NewReportBody = Static<typeof NewReportBody>;
