import { Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { idBeside, type Level, nameOf, type User } from "../../api/records.ts";
import { Ago } from "../../parts/ago.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ListFoot } from "../../parts/list-foot.tsx";
import { ScoreBadge } from "../../parts/score.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

const columns: readonly Column<User>[] = [
  {
    key: "name",
    title: "User",
    cell: (user) => (
      <div title={idBeside(user)}>
        <Text size="sm" fw={550} lineClamp={1} className="one-line">
          {nameOf(user)}
        </Text>
        {user.email && user.email !== user.externalId && (
          <Text size="xs" c="dimmed" lineClamp={1} className="one-line">
            {user.email}
          </Text>
        )}
      </div>
    ),
  },
  { key: "score", title: "Score", align: "right", cell: ({ lastScore }) => <ScoreBadge score={lastScore} /> },
  { key: "seen", title: "Last seen", align: "right", cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} /> },
];

/** Of an account or organization. With fifty rows it has pages; with fewer it is a beginning. */
export function People({ level, id, limit }: { level: Level; id: string; limit: number }) {
  const [filters] = useFilters();
  const navigate = useNavigate();
  const hasPages = limit >= 50;
  const list = useList<User>("/users", { [level]: id, from: hasPages ? filters.from : undefined }, { limit });
  return (
    <>
      <DataTable
        label="People"
        columns={columns}
        of={list}
        keyOf={(user) => user.id}
        onOpen={(user) => void navigate({ to: `/users/${user.id}` })}
        empty={<Empty icon={IconUsers} title="Nobody yet" />}
      />
      {hasPages && <ListFoot next={list.next} />}
    </>
  );
}
