// What a list is asked for. The cursor carries the order of its list, so that a page can only be continued as it began.
import { HttpError } from "../../platform/http-server.ts";

const orders = { updatedAt: "u", createdAt: "c" } as const;
export type Order = keyof typeof orders;

export type ListAsked = {
  limit: number;
  order: Order;
  /** The cursor as paging knows it. */
  from: string | undefined;
};

const mostOfPage = 100;

export function readListQuery(query: {
  limit?: string | undefined;
  from?: string | undefined;
  sortBy?: string | undefined;
}): ListAsked {
  const limit = query.limit === undefined || query.limit === "" ? mostOfPage : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostOfPage)
    throw new HttpError(400, `\`limit\` must be a whole number from 1 to ${mostOfPage}.`);
  const sortBy = query.sortBy || undefined;
  if (sortBy !== undefined && !Object.hasOwn(orders, sortBy))
    throw new HttpError(400, "`sortBy` must be updatedAt or createdAt.");
  if (!query.from) return { limit, order: (sortBy as Order | undefined) ?? "updatedAt", from: undefined };
  const order = (Object.keys(orders) as Order[]).find((name) => query.from!.startsWith(`${orders[name]}.`));
  if (order === undefined)
    throw new HttpError(400, "`from` is not the `next` of an earlier page; leave it out to start from the beginning.");
  if (sortBy !== undefined && sortBy !== order)
    throw new HttpError(400, `\`from\` continues a list by ${order}, and \`sortBy\` is ${sortBy}.`);
  return { limit, order, from: query.from.slice(2) };
}

/** A page as Vitally gives it. */
export function toVitallyPage<T>(
  order: Order,
  results: T[],
  next: string | null,
): { results: T[]; next: string | null } {
  return { results, next: next === null ? null : `${orders[order]}.${next}` };
}
