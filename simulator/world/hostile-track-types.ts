// Events with names and properties that a receiver must keep as they are.
import type { TrackTypeDraft } from "./vocabulary.ts";

export const hostileTrackTypes: readonly TrackTypeDraft[] = [
  {
    name: "Account Upgraded",
    app: 0,
    fields: [
      { name: "fromTier", values: ["free", "basic"] },
      { name: "toTier", values: ["pro", "enterprise"] },
      { name: "seats", from: 1, to: 500 },
    ],
  },
  {
    name: "Report Exported",
    app: 0,
    fields: [
      { name: "format", values: ["csv", "xlsx", "pdf", null] },
      { name: "rows", from: 0, to: 250_000 },
      { name: "durationMs", from: 0.5, to: 9000, decimals: 3 },
      {
        name: "filters",
        listOf: {
          name: "filter",
          fields: [
            { name: "field", values: ["region", "owner", "größe"] },
            { name: "op", values: ["=", "<>", "in"] },
            { name: "value", values: ["emea", 7, true, null, ["a", "b"]] },
          ],
        },
        upTo: 3,
      },
      { name: "isScheduled", values: [true, false] },
    ],
  },
  {
    name: "Invoice Paid",
    app: 2,
    fields: [
      { name: "amount", from: 0, to: 4000, decimals: 2 },
      { name: "currency", values: ["EUR", "USD", "¥"] },
      {
        name: "customer",
        fields: [
          { name: "vat", values: ["DE811907980", "", null] },
          {
            name: "address",
            fields: [
              { name: "city", values: ["Köln", "São Paulo", "大阪市", "Nice"] },
              { name: "lines", listOf: { name: "line", values: ["Hauptstr. 1", "Apt #4", 'c/o "Müller"'] }, upTo: 2 },
            ],
          },
        ],
      },
    ],
  },
  {
    name: "Integration Connected",
    app: 2,
    fields: [
      { name: "integration", values: ["slack", "jira", "salesforce"] },
      { name: "scopes", listOf: { name: "scope", values: ["read", "write", "admin"] }, upTo: 3 },
      { name: "tested", values: [true] },
    ],
  },
  {
    name: "検索を実行",
    app: 0,
    fields: [
      { name: "query", values: ["売上", "net + gross", '"exact phrase"', "a\tb\nc", "100 % 😀"] },
      { name: "results", from: 0, to: 90 },
    ],
  },
  {
    name: "app.session/start",
    app: 1,
    fields: [
      { name: "build", values: ["7.4.1", "7.5.0-rc.2"] },
      { name: "offline", values: [true, false, null] },
      { name: "battery", from: 0, to: 1, decimals: 4 },
    ],
  },
  { name: "Password Changed", app: 0, fields: [] },
];
