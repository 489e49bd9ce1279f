// Accounts, organizations and users: three lists of one kind.
import { Paper, Text } from "@mantine/core";
import { type Icon, IconBuilding, IconBuildingSkyscraper, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import {
  type Account,
  idBeside,
  type Level,
  type Named,
  nameOf,
  type Organization,
  pathOf,
  type User,
} from "../../api/records.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ExportButton } from "../../parts/export-button.tsx";
import { ChoiceFilter, FilterBar, TextFilter, toRange } from "../../parts/filter-bar.tsx";
import { formatNumber } from "../../parts/format.ts";
import { ListFoot } from "../../parts/list-foot.tsx";
import { NewRows } from "../../parts/new-rows.tsx";
import { Page } from "../../parts/page.tsx";
import { RecordFilter } from "../../parts/record-filter.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { formatScore, ScoreBadge } from "../../parts/score.tsx";
import { TraitFilter } from "../../parts/trait-filter.tsx";
import { type Filters, useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

type Row = { id: string; externalId: string };
type Kind<R extends Row> = { level: Level; title: string; icon: Icon; search: string; columns: readonly Column<R>[] };

function RecordsPage<R extends Row>({ level, title, icon, search, columns }: Kind<R>) {
  const [filters, change] = useFilters();
  const { workspace } = useMe();
  const navigate = useNavigate();
  const path = pathOf[level];
  const query = toQuery(filters);
  const list = useList<R>(path, query, { topics: ["events", "traits"] });
  const hasHierarchy = workspace?.hierarchy ?? false;
  const shown = useMemo(
    () => columns.filter(({ key }) => key !== "organization" || hasHierarchy),
    [columns, hasHierarchy],
  );
  const isFiltered = Object.keys(filters).some(
    (name) => name !== "from" && name !== "sort" && filters[name] !== undefined,
  );
  return (
    <Page title={title} actions={<ExportButton path={`${path}.csv`} filters={{ ...query, from: undefined }} />}>
      <FilterBar names={["q", "seen", "band", "trait", "account", "organization"]}>
        <TextFilter name="q" label={search} />
        <ChoiceFilter name="seen" label="Seen at any time" choices={seen} />
        <ChoiceFilter name="band" label={level === "user" ? "Any last score" : "Any scores"} choices={bands} />
        <TraitFilter level={level} />
        {level === "user" && <RecordFilter level="account" label="Any account" />}
        {level !== "organization" && hasHierarchy && <RecordFilter level="organization" label="Any organization" />}
      </FilterBar>
      <NewRows of={list} />
      <Paper withBorder>
        <DataTable
          label={title}
          columns={shown}
          of={list}
          keyOf={(row) => row.id}
          sort={filters.sort ?? "-createdAt"}
          onSort={(sort) => change({ sort })}
          onOpen={(row) => void navigate({ to: `${path}/${row.id}` })}
          empty={
            isFiltered ? (
              <Empty icon={icon} title="None fits">
                The search takes how a word of the name, the external ID or the e-mail begins. Take a filter out, or try
                another beginning.
              </Empty>
            ) : (
              <Empty icon={icon} title={`No ${title.toLowerCase()} yet`}>
                They come with the first deliveries of Pendo, from an import, or through the API.
              </Empty>
            )
          }
        />
        <ListFoot next={list.next} />
      </Paper>
    </Page>
  );
}

const seen = [
  { value: "7", label: "Seen in 7 days" },
  { value: "30", label: "Seen in 30 days" },
  { value: "silent-14", label: "Silent for 14 days" },
  { value: "silent-30", label: "Silent for 30 days" },
  { value: "never", label: "Never seen" },
];
const bands = [
  { value: "promoter", label: "Promoters" },
  { value: "passive", label: "Passives" },
  { value: "detractor", label: "Detractors" },
];

function toQuery({ seen: when, ...filters }: Filters): Filters {
  if (when === undefined) return filters;
  if (when === "never") return { ...filters, seen: "never" };
  const { since } = toRange(when.replace("silent-", ""));
  return { ...filters, ...(when.startsWith("silent-") ? { seenBefore: since } : { seenSince: since }) };
}

function Name(record: Omit<Named, "id">) {
  const id = idBeside(record);
  return (
    <div>
      <Text size="sm" fw={550} lineClamp={1} className="one-line">
        {nameOf(record)}
      </Text>
      {id && (
        <Text size="xs" c="dimmed" className="mono one-line" lineClamp={1}>
          {id}
        </Text>
      )}
    </div>
  );
}

function Nps({ nps }: { nps: Account["nps"] }) {
  return (
    <span className="number">
      {formatScore(nps.score)}
      {nps.answers > 0 && (
        <Text span size="xs" c="dimmed">
          {" "}
          ({formatNumber(nps.answers)})
        </Text>
      )}
    </span>
  );
}

/** By this the API sorts, unless it is asked for names. */
const added: Column<{ createdAt: string }> = {
  key: "added",
  title: "Added",
  align: "right",
  wide: true,
  sort: "createdAt",
  cell: ({ createdAt }) => <Ago at={createdAt} />,
};

const accounts: readonly Column<Account>[] = [
  { key: "name", title: "Account", sort: "name", width: "26%", cell: Name },
  {
    key: "organization",
    title: "Organization",
    wide: true,
    cell: ({ organization }) => <RecordLink level="organization" record={organization} />,
  },
  { key: "users", title: "Users", align: "right", wide: true, cell: ({ usersCount }) => formatNumber(usersCount) },
  { key: "nps", title: "NPS", align: "right", cell: Nps },
  { key: "seen", title: "Last seen", align: "right", cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} /> },
  added,
];

const organizations: readonly Column<Organization>[] = [
  { key: "name", title: "Organization", sort: "name", width: "26%", cell: Name },
  { key: "accounts", title: "Accounts", align: "right", cell: ({ accountsCount }) => formatNumber(accountsCount) },
  { key: "users", title: "Users", align: "right", wide: true, cell: ({ usersCount }) => formatNumber(usersCount) },
  { key: "nps", title: "NPS", align: "right", cell: Nps },
  { key: "seen", title: "Last seen", align: "right", wide: true, cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} /> },
  added,
];

const users: readonly Column<User>[] = [
  { key: "name", title: "User", sort: "name", width: "26%", cell: Name },
  {
    key: "email",
    title: "E-mail",
    wide: true,
    cell: ({ email }) => (
      <Text size="sm" lineClamp={1} className="one-line">
        {email ?? "–"}
      </Text>
    ),
  },
  {
    key: "accounts",
    title: "Accounts",
    wide: true,
    cell: ({ accounts: of }) => (
      <Text size="sm" lineClamp={1} title={of.map(({ externalId }) => externalId).join(", ")}>
        {of.length === 0 ? "–" : of.map(nameOf).join(", ")}
      </Text>
    ),
  },
  { key: "score", title: "Last score", align: "right", cell: ({ lastScore }) => <ScoreBadge score={lastScore} /> },
  { key: "seen", title: "Last seen", align: "right", cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} /> },
  added,
];

export function AccountsPage() {
  return (
    <RecordsPage level="account" title="Accounts" icon={IconBuilding} search="Name or external ID" columns={accounts} />
  );
}

export function OrganizationsPage() {
  return (
    <RecordsPage
      level="organization"
      title="Organizations"
      icon={IconBuildingSkyscraper}
      search="Name or external ID"
      columns={organizations}
    />
  );
}

export function UsersPage() {
  return (
    <RecordsPage level="user" title="Users" icon={IconUsers} search="Name, external ID or e-mail" columns={users} />
  );
}
