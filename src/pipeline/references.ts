// How a row tells of the records it belongs to: by both ids, and by what they are called. The row of the record is read for its
// external ID anyway, so its name costs no look of its own.
import type { RecordKind } from "./records.ts";

export type Reference = {
  id: string;
  externalId: string;
  /** Null: it has none, and is called by its external ID. */
  name: string | null;
};

export type Owner = { user: Reference | null; account: Reference | null; organization: Reference | null };

/** As SQL: the record whose row is `alias`. */
export function selectReference(alias: string, kind: RecordKind): string {
  return `jsonb_build_object('id', ${alias}.${kind}_id, 'externalId', ${alias}.external_id, 'name', ${alias}.name)`;
}

/** The same of a row that may be missing. */
export function selectOptionalReference(alias: string, kind: RecordKind): string {
  return `case when ${alias}.${kind}_id is not null then ${selectReference(alias, kind)} end`;
}

/** The columns of `Owner`, from `joinOwner`. */
export const selectOwner = `${selectOptionalReference("u", "user")} as "user", ${selectOptionalReference("a", "account")} as account,
  ${selectOptionalReference("o", "organization")} as organization`;

/** Whose a fact `f` is; of an account, the organization of today. */
export const joinOwner = `
  left join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
  left join accounts a on a.workspace_id = f.workspace_id and a.account_id = f.account_id
  left join organizations o on o.workspace_id = f.workspace_id
    and o.organization_id = case when f.account_id is null then f.organization_id else a.organization_id end`;
