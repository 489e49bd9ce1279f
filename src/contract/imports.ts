// What the API takes and gives of imports: files of organizations, accounts and users.
import { type Static, Type } from "typebox";
import { Nullable, page, Time } from "./api.ts";

const Count = Type.Integer({ minimum: 0 });
const OneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: "string", enum: values, description });

const Kind = OneOf(["organization", "account", "user"], "What the rows are");
const Becomes = OneOf(
  ["externalId", "name", "email", "organization", "account", "trait", "nothing"],
  "email and account: of users; organization: of accounts and users, by its external ID",
);

export const ImportParameter = Type.Object({
  id: Type.String({ format: "uuid", description: "The import's id" }),
});
export const NewImportQuery = Type.Object({
  kind: Kind,
  start: Type.Boolean({
    default: true,
    description: "Begin at once; false: show what the columns would become, and wait for /start",
  }),
  dryRun: Type.Boolean({ default: false, description: "Say what would become of it, and change nothing" }),
  encoding: Type.Optional(
    Type.String({
      minLength: 2,
      maxLength: 40,
      pattern: "^[A-Za-z0-9_-]+$",
      description: "What the file is, where it is neither UTF-8 nor marked: windows-1252",
    }),
  ),
});
const Choice = Type.Object(
  {
    column: Type.String({ maxLength: 1_000, description: "The column's name, as it stands in the first row" }),
    becomes: Becomes,
    trait: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: "The trait's name, where it is not the column's" }),
    ),
  },
  { additionalProperties: false },
);
export const StartImportBody = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ default: false, description: "Say what would become of it, change nothing" })),
    columns: Type.Optional(
      Type.Array(Choice, { maxItems: 2_000, description: "What is left out becomes what its name says" }),
    ),
  },
  { additionalProperties: false },
);

export const Import = Type.Object({
  id: Type.String({ format: "uuid" }),
  kind: Kind,
  state: OneOf(
    ["uploading", "waiting", "running", "done", "failed", "cancelled"],
    "waiting: for somebody to say what the columns are, and begin it",
  ),
  dryRun: Type.Boolean({ description: "It says what would become of it, and changes nothing" }),
  size: Type.Integer({ minimum: 0, description: "Bytes" }),
  columns: Type.Array(Choice, { description: "What the columns become" }),
  step: Nullable(OneOf(["reading", "writing"], "Where it is")),
  done: Type.Integer({ minimum: 0, description: "How far it is in this step: rows read, or records saved" }),
  total: Nullable(Count),
  counts: Type.Object({
    read: Type.Integer({ minimum: 0, description: "Rows with something in them, without the names of the columns" }),
    created: Count,
    updated: Count,
    unchanged: Count,
    repeated: Type.Integer({ minimum: 0, description: "Rows about a record of another row; they count together" }),
    rejected: Type.Integer({ minimum: 0, description: "Rows that were not taken; /rejected.csv has them" }),
    traits: Type.Integer({ minimum: 0, description: "Values of traits that are new, changed or gone" }),
    madeOrganizations: Type.Integer({ minimum: 0, description: "Named and not there, so made" }),
    madeAccounts: Type.Integer({ minimum: 0, description: "Named and not there, so made" }),
    released: Type.Integer({ minimum: 0, description: "Parked deliveries that waited for these records" }),
  }),
  message: Nullable(Type.String({ description: "Why it failed, or what it waits for" })),
  madeBy: Type.String(),
  createdAt: Time,
  startedAt: Nullable(Time),
  finishedAt: Nullable(Time),
});
export const ImportDetail = Type.Object({
  ...Import.properties,
  rejections: Type.Array(
    Type.Object({
      row: Type.Integer({ minimum: 1, description: "As a spreadsheet counts them" }),
      reason: Type.String(),
    }),
    { maxItems: 20, description: "The first of them" },
  ),
});
export const ImportsQuery = Type.Object(page);
/** Not JSON, and not read before the route runs: it comes in a stream. */
export const CsvBody = Type.Unsafe<undefined>({
  content: {
    "text/csv": {
      schema: {
        contentMediaType: "text/csv",
        description: "The file; separated by commas, semicolons or tabs. The first row names the columns",
      },
    },
  },
});

export type StartImportBody = Static<typeof StartImportBody>;
