import type { Static } from "typebox";
import type {
  AccountDetail,
  Account as AccountSchema,
  OrganizationDetail,
  Organization as OrganizationSchema,
  UserDetail,
  User as UserSchema,
} from "../../contract/api.ts";

export type User = Static<typeof UserSchema>;
export type Account = Static<typeof AccountSchema>;
export type Organization = Static<typeof OrganizationSchema>;
export type RecordDetail = Static<typeof UserDetail> | Static<typeof AccountDetail> | Static<typeof OrganizationDetail>;

export type Level = "user" | "account" | "organization";
/** Where they are, in the API and on the pages alike. */
export const pathOf: Record<Level, "/users" | "/accounts" | "/organizations"> = {
  user: "/users",
  account: "/accounts",
  organization: "/organizations",
};

export type Named = { id: string; externalId: string; name: string | null };

/** What a record is called, wherever it is named. A name of spaces could not be seen, nor clicked. */
export const nameOf = ({ name, externalId }: Omit<Named, "id">) => (name?.trim() ? name : externalId);
/** What else there is to know it by, beside its name. */
export const idBeside = (record: Omit<Named, "id">) =>
  nameOf(record) === record.externalId ? undefined : record.externalId;
