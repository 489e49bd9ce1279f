// Traits: values on organizations, accounts and users, by name and source.
import { type Static, Type } from "typebox";
import { IdParameter, Nullable, PageOf, page, Time, Traits, timeRange } from "./api.ts";

const AnyJson = Type.Unknown();
const TraitType = Type.Union([
  Type.Literal("number"),
  Type.Literal("text"),
  Type.Literal("yes-no"),
  Type.Literal("date"),
  Type.Literal("list"),
]);
const Level = Type.Union([Type.Literal("organization"), Type.Literal("account"), Type.Literal("user")]);

const source = {
  source: Type.String({
    description:
      "custom: people, imports and the API; pendo-report:<id>: a report of Pendo's; otherwise an integration",
  }),
  sourceName: Type.String({ description: "What people call it: Plumbline, or the report's name" }),
  reportId: Type.Union([Type.String(), Type.Null()], { description: "The report that it is" }),
};
const change = {
  readAt: Time,
  oldValue: AnyJson,
  newValue: AnyJson,
  reportRunId: Type.Union([Type.String(), Type.Null()], { description: "The run of a report that changed it" }),
};

export const TraitList = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      ...source,
      type: Nullable(Type.String({ description: "number, text, yes-no, date or list; null: it was cleared" })),
      value: AnyJson,
      readAt: Type.String({
        format: "date-time",
        description:
          "When the source said so last; of a report: when it was read last, for the values, too, that have not changed; of a value that is kept although the report has it no longer: when it was read with it last",
      }),
      shown: Type.Boolean({ description: "Whether it is the value that stands for its name" }),
      history: Type.Array(Type.Object(change), { description: "Newest first, a hundred at most; /history has all" }),
    }),
  ),
});

export const TraitParameters = Type.Object({
  ...IdParameter.properties,
  name: Type.String({ description: "The trait's name, URL-encoded" }),
});
export const TraitHistoryQuery = Type.Object({
  ...page,
  ...timeRange,
  source: Type.Optional(Type.String({ description: "Only what this source said" })),
});
export const TraitHistory = PageOf(Type.Object({ ...source, ...change }));

export const TraitsPatch = Type.Object(
  {
    traits: Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          "Name → value: a number, a text, true or false, a date as a text in ISO 8601, or a list of texts and numbers. null takes the value away, what is not named stays. 500 names of 200 characters at most, values of 32 KB",
      },
    ),
  },
  { additionalProperties: false },
);
export const TraitsPatched = Type.Object({
  changed: Type.Integer({ description: "How many values are new, changed or gone" }),
  traits: Traits,
});

/** Null stands first: the check of bodies would otherwise make a list of it. */
const settings = {
  type: Type.Union([Type.Null(), TraitType], {
    description: "The type that values of people, imports and the API must have; null: whatever a value looks like",
  }),
  sources: Type.Union([Type.Null(), Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 })], {
    description:
      "Where several sources give this name, the first of these that has a value stands for it, then the others in the usual order; null: the usual order, which is custom, then the others by their names, reports by when they were added",
  }),
};
export const TraitSettingsParameters = Type.Object({
  level: Level,
  name: Type.String({ description: "The trait's name, URL-encoded" }),
});
export const TraitSettingsBody = Type.Object(
  { type: Type.Optional(settings.type), sources: Type.Optional(settings.sources) },
  { additionalProperties: false },
);
export const TraitSettings = Type.Object({ level: Level, name: Type.String(), ...settings });

export const TraitNamesQuery = Type.Object({ level: Level });
export const TraitNames = Type.Object({
  items: Type.Array(
    Type.Object({
      level: Level,
      name: Type.String(),
      ...settings,
      records: Type.Integer({ description: "How many records have it" }),
      from: Type.Array(
        Type.Object({
          ...source,
          records: Type.Integer({ description: "How many records have it from this source" }),
          types: Type.Array(Type.Object({ type: Type.String(), records: Type.Integer() })),
        }),
        { description: "Its sources, in the order in which they stand for it" },
      ),
    }),
  ),
});

export type TraitHistoryQuery = Static<typeof TraitHistoryQuery>;
