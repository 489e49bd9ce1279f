import { expect, test } from "vitest";
import { checkTableWriters } from "./check-table-writers.ts";

const migrations = [
  {
    path: "migrations/0001_main_job.sql",
    text: `
      create table users (user_id uuid);
      create table account_users (user_id uuid);
      -- create table ghosts (id uuid);
      create table delivery_bodies (delivery_id uuid, state text check (state in ('a'))) partition by range (delivery_id);
      create table delivery_bodies_default partition of delivery_bodies default;`,
  },
  {
    path: "migrations/schema.sql",
    text: "create table delivery_bodies_default (\n  delivery_id uuid\n) -- partition: DEFAULT;\ncreate table schema_migrations (name text);",
  },
];
const check = (path: string, text: string) => checkTableWriters({ sources: [{ path, text }], migrations });
const inFile = (sql: string) => check("src/pipeline/match/match-claims.ts", `await tx.query(\`${sql}\`);`);

test.each([
  ["insert into users (user_id) values ($1)", "users"],
  ["INSERT INTO users as u values ($1)", "users"],
  ["insert\n  into public.users default values", "users"],
  ['insert into "users" default values', "users"],
  ["with made as (insert into account_users values ($1) returning 1) select 1", "account_users"],
  ["update users set name = $1", "users"],
  ["update users u set name = $1", "users"],
  ["update only users as u\n set name = $1", "users"],
  ["delete from users where true", "users"],
  ["delete from only users u using x", "users"],
  ["merge into users u using x on true", "users"],
  ["copy users (user_id) from stdin", "users"],
  ["truncate users", "users"],
  ["truncate table account_users, users", "account_users"],
  ["drop table if exists users", "users"],
  ["delete from delivery_bodies_default b using users u", "delivery_bodies"],
  ["drop table delivery_bodies_2026_01_01", "delivery_bodies"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the case.
  ["drop table delivery_bodies_${day}", "delivery_bodies"],
  ["insert into schema_migrations values ($1)", "schema_migrations"],
])("finds the write in: %s", (sql, table) => {
  const file = `${table.replaceAll("_", "-")}-table.ts`;
  expect(inFile(sql)[0]?.problem).toMatch(new RegExp(`writes ${table}, which only ${file} may do$`));
  expect(
    check(`src/anywhere/${file}`, `const sql = \`${sql}\`;`).filter(({ problem }) =>
      problem.includes(`writes ${table},`),
    ),
  ).toEqual([]);
});

test("finds every table of a list", () => {
  expect(inFile("truncate table account_users, public.users restart identity cascade")).toHaveLength(2);
  expect(inFile("drop table users, delivery_bodies_default")).toHaveLength(2);
});

test.each([
  "select * from users where user_id = $1 for update skip locked",
  "select * from users u for update of u",
  "select delivery_id from delivery_bodies for no key update",
  "on conflict (user_id) do update set name = excluded.name",
  "copy (select * from users) to stdout",
  "copy users (user_id) to stdout",
  "lock table delivery_bodies in share update exclusive mode",
  "select 1 -- then: delete from users",
  "insert into graphile_worker.jobs values (1)",
  "insert into ghosts values (1)",
  "The users are up to date; update them in the settings.",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the case.
  "could not copy ${source} from ${target}",
])("finds no write in: %s", (sql) => {
  expect(inFile(sql)).toEqual([]);
});

test("finds a write in any quotes, and names its line", () => {
  expect(check("src/app.ts", "\n\nquery('delete from users');")[0]).toMatchObject({ path: "src/app.ts", line: 3 });
  expect(check("src/app.ts", "query(`select 1;\ndelete from users`);")[0]?.line).toBe(2);
  expect(check("src/app.ts", "// delete from users")).toEqual([]);
});

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the case.
  ["a template", "query(`delete from ${table} where true`)"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the case.
  ["a copy", "query(`copy ${table} (${columns}) from stdin`)"],
  ["a sum", 'query("insert into " + table)'],
])("refuses a table named at run time, but for the writer of partitions: %s", (_name, text) => {
  expect(check("src/app.ts", text)[0]?.problem).toContain("a table whose name is not in the text");
  expect(check("src/match/users-table.ts", text)).toHaveLength(1);
  expect(check("src/inbox/delivery-bodies-table.ts", text)).toEqual([]);
});

test("refuses a writer of another table, a misnamed one and a second one", () => {
  const other = check("src/match/users-table.ts", "query('insert into account_users values (1)')");
  expect(other[0]?.problem).toContain("writes account_users, which only account-users-table.ts may do");
  expect(check("src/match/people-table.ts", "")[0]?.problem).toContain("no migration makes that table");
  const sources = ["src/match/users-table.ts", "src/settings/users-table.ts"].map((path) => ({ path, text: "" }));
  expect(checkTableWriters({ sources, migrations }).map(({ path }) => path)).toEqual(sources.map(({ path }) => path));
});

test("leaves tests and the written exceptions alone", () => {
  expect(check("src/match/match.db.test.ts", "query('delete from users')")).toEqual([]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the case.
  expect(check("src/platform/database/restore.ts", "query(`copy ${table} from stdin`)")).toEqual([]);
  expect(check("src/platform/database/backup.ts", "query('delete from users')")).toHaveLength(1);
});
