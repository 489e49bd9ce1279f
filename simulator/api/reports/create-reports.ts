// The reports of the subscription: each is hard for a reader in a way of its own.
import { createRandom, urlSafe } from "../../random.ts";
import type { World } from "../../world/types.ts";
import { isIdentified } from "../aggregation/expressions/functions.ts";
import type { People, PersonKind } from "../records/people.ts";
import { accountColumns, emptyCells, mixedTypes, unicodeColumns, visitorColumns, wideColumns } from "./columns.ts";
import { type Column, nameType, type Report } from "./report.ts";

type ReportDraft = {
  name: string;
  level: PersonKind;
  size: number;
  isChanging?: boolean;
  columns?: readonly Column[];
  type?: string;
  isShared?: boolean;
  /** Rows of the same visitor or account. */
  rowsPerId?: number;
  /** A column with what the accounts are called in another system. */
  hasCrmIds?: boolean;
};

/** How many ids the world has of each kind. */
type Known = { visitors: number; accounts: number };

const listDrafts = ({ visitors, accounts }: Known): ReportDraft[] => [
  { name: "Accounts at a glance", level: "account", size: Math.min(10, accounts), columns: accountColumns },
  { name: "Account health", level: "account", size: accounts, columns: accountColumns, isChanging: true },
  { name: "Visitor activity", level: "visitor", size: visitors, columns: visitorColumns, isChanging: true },
  { name: "Wide", level: "account", size: 1000, columns: wideColumns(300) },
  { name: "Mixed types", level: "account", size: Math.min(500, accounts), columns: mixedTypes },
  {
    name: "Accounts in the CRM",
    level: "account",
    size: accounts,
    columns: accountColumns.slice(0, 4),
    hasCrmIds: true,
  },
  { name: "Every account twice", level: "account", size: accounts * 2, columns: accountColumns, rowsPerId: 2 },
  { name: "Größe · 会社 · 🙂", level: "account", size: Math.min(200, accounts), columns: unicodeColumns },
  { name: "Empty cells", level: "visitor", size: Math.min(300, visitors), columns: emptyCells },
  { name: "Ten thousand visitors", level: "visitor", size: 10_000, columns: visitorColumns, isChanging: true },
  { name: "A hundred thousand visitors", level: "visitor", size: 100_000, columns: visitorColumns, isChanging: true },
  { name: "A million visitors", level: "visitor", size: 1_000_000, columns: visitorColumns, isChanging: true },
  { name: "Nobody yet", level: "visitor", size: 0, columns: visitorColumns },
  { name: "Sign-up funnel", level: "visitor", size: 0, type: "Funnel" },
  { name: "Paths to export", level: "visitor", size: 0, type: "Path" },
  { name: "Weekly retention", level: "visitor", size: 0, type: "Retention" },
  { name: "Clicks by role", level: "visitor", size: 0, type: "Data Explorer" },
  { name: "My own accounts", level: "account", size: Math.min(10, accounts), columns: accountColumns, isShared: false },
];

export function createReports(seed: string, world: World, people: People): Report[] {
  const ids = {
    visitor: [...people.list("visitor")].filter(isIdentified),
    account: [...people.list("account")],
  };
  const drafts = listDrafts({ visitors: ids.visitor.length, accounts: ids.account.length });
  return drafts.map((draft) => createReport(seed, draft, ids[draft.level], { world, people }));
}

function createReport(
  seed: string,
  draft: ReportDraft,
  ids: readonly string[],
  { world, people }: { world: World; people: People },
): Report {
  const { name, level, size, columns = [], isChanging = false, isShared = true, rowsPerId = 1, hasCrmIds } = draft;
  const idColumn: Column = {
    field: `${level}Id`,
    make: ({ row }) => nameId(level, ids, Math.floor(row / rowsPerId)),
  };
  const accountIds = world.accounts.map(({ id }) => id);
  const accountColumn: Column = {
    field: "accountId",
    make: ({ draw }) => accountIds[draw(accountIds.length)] ?? null,
  };
  const crmColumn: Column = {
    field: "account_custom_crm_id",
    make: ({ row }) => people.findMetadata("account", ids[row] ?? "")?.custom?.crm_id ?? null,
  };
  return {
    id: createRandom(seed, "report", name).text(urlSafe, 27),
    name,
    level,
    type: draft.type ?? nameType(level),
    isShared,
    isDeleted: false,
    shape: "list",
    hasResults: draft.type === undefined,
    size,
    columns: [idColumn, ...(level === "visitor" ? [accountColumn] : []), ...columns, ...(hasCrmIds ? [crmColumn] : [])],
    isChanging,
  };
}

/** Ids of the world first; a report larger than the world goes on with ids of its own. */
function nameId(level: PersonKind, ids: readonly string[], place: number): string {
  const known = ids[place];
  if (known !== undefined) return known;
  return level === "visitor" ? `visitor-${place}@large.example` : `account-${place}`;
}
