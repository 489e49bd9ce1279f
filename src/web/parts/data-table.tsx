// A dense table: headings that sort, a skeleton while it loads, its failed and its empty state, rows that open.
import { Box, Skeleton, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useCallback,
  useMemo,
  useRef,
  useState,
} from "react";
import { Failed } from "./failed.tsx";
import { sortRows } from "./sort-rows.ts";

export type Column<Row> = {
  key: string;
  /** Empty over a column of buttons. */
  title: string;
  cell: (row: Row) => ReactNode;
  align?: "right";
  width?: string | number;
  /** What the API sorts by; undefined: this column cannot sort. */
  sort?: string;
  /** By what a list that is here whole is sorted; where the API sorts, `sort` is meant. */
  order?: (row: Row) => string | number | null | undefined;
  /** Left out on narrow screens. */
  wide?: boolean;
};

type DataTableProps<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  of: { data?: { items: readonly Row[] } | undefined; error: unknown; refetch: () => unknown };
  keyOf: (row: Row) => string;
  /** Shown in the place of a table without rows. */
  empty: ReactNode;
  /** Of the API, such as name or -name: a minus is for the other way round. */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  onOpen?: (row: Row) => void;
  isOpen?: (row: Row) => boolean;
};

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, of, keyOf, empty, onOpen, isOpen } = props;
  const { columns, rows, sort, onSort } = useOrder(props);
  const latestOpen = useRef(onOpen);
  latestOpen.current = onOpen;
  const open = useCallback((row: Row) => latestOpen.current?.(row), []);
  if (of.error && rows === undefined)
    return (
      <Box px="md">
        <Failed error={of.error} again={() => void of.refetch()} />
      </Box>
    );
  if (rows?.length === 0) return <>{empty}</>;
  return (
    <Table.ScrollContainer minWidth={320} type="native" tabIndex={0} aria-label={label}>
      <Table
        verticalSpacing={7}
        horizontalSpacing="md"
        highlightOnHover={onOpen !== undefined}
        aria-label={label}
        aria-busy={rows === undefined}
        className="rows"
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows === undefined
            ? [...Array(8).keys()].map((place) => (
                <Table.Tr key={place}>
                  {columns.map(({ key, wide }) => (
                    <Table.Td key={key} {...(wide && { visibleFrom: "sm" })}>
                      <Skeleton height={14} my={4} width={`${55 + ((place * 17 + key.length * 13) % 40)}%`} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))
            : rows.map((row) => (
                <TableRow
                  key={keyOf(row)}
                  row={row}
                  columns={columns}
                  isOpen={isOpen?.(row) ?? false}
                  onOpen={onOpen && open}
                />
              ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type TableRowProps<Row> = {
  row: Row;
  columns: readonly Column<Row>[];
  isOpen: boolean;
  onOpen: ((row: Row) => void) | undefined;
};

/** Drawn again only when it is another one: with fifty rows, closing a panel beside them took 120 ms to the next paint. */
const TableRow = memo(function TableRow<Row>({ row, columns, isOpen, onOpen }: TableRowProps<Row>) {
  return (
    <Table.Tr
      className={onOpen ? "opens" : undefined}
      {...(isOpen && { bg: "var(--mantine-primary-color-light)", "aria-current": true })}
      {...(onOpen && {
        onClick: (event: MouseEvent) => !isControl(event.target) && onOpen(row),
        onKeyDown: (event: KeyboardEvent) =>
          event.key === "Enter" && event.target === event.currentTarget && onOpen(row),
        tabIndex: 0,
      })}
    >
      {columns.map(({ key, cell, align, wide }) => (
        <Table.Td
          key={key}
          ta={align}
          className={align === "right" ? "number" : undefined}
          {...(wide && { visibleFrom: "sm" })}
        >
          {cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}) as <Row>(props: TableRowProps<Row>) => ReactNode;

/** A list that is here whole is sorted here, by the columns that say how; of another one the API sorts all pages. */
function useOrder<Row>({ columns, of, sort, onSort }: DataTableProps<Row>) {
  const [chosen, setChosen] = useState<string>();
  const sortable = useMemo(() => columns.map((one) => (one.order ? { ...one, sort: one.key } : one)), [columns]);
  const rows = of.data?.items;
  if (onSort) return { columns, rows, sort, onSort };
  const column = columns.find(({ key }) => key === chosen?.replace(/^-/, ""));
  return {
    columns: sortable,
    rows: rows && column?.order ? sortRows(rows, column.order, chosen?.startsWith("-") ?? false) : rows,
    sort: chosen,
    onSort: setChosen,
  };
}

/** A link or button in a row does its own work. */
function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}

type HeadingProps<Row> = {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
};

function Heading<Row>({ column, sort, onSort }: HeadingProps<Row>) {
  const { title, align, wide } = column;
  // On a phone it has what the others leave it.
  const width = column.width && { base: "100%", sm: column.width };
  const by = onSort ? column.sort : undefined;
  const direction =
    by === undefined ? undefined : sort === by ? "ascending" : sort === `-${by}` ? "descending" : "none";
  if (title === "") return <Table.Td w={width} {...(wide && { visibleFrom: "sm" })} />;
  const Arrow = direction === "ascending" ? IconArrowUp : IconArrowDown;
  return (
    <Table.Th
      ta={align}
      w={width}
      aria-sort={direction}
      {...(wide && { visibleFrom: "sm" })}
      style={{ whiteSpace: "nowrap" }}
    >
      {by === undefined || !onSort ? (
        <Text size="xs" fw={600} c="dimmed">
          {title}
        </Text>
      ) : (
        <UnstyledButton onClick={() => onSort(direction === "ascending" ? `-${by}` : by)}>
          <Text span size="xs" fw={600} c={direction === "none" ? "dimmed" : undefined}>
            {title} {direction !== "none" && <Arrow size={12} aria-hidden style={{ verticalAlign: -2 }} />}
          </Text>
        </UnstyledButton>
      )}
    </Table.Th>
  );
}
