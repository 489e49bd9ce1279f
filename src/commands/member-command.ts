import { type Command, Option } from "commander";
import { makePasswordLink } from "../access/change-password.ts";
import { parseEmail } from "../access/e-mail.ts";
import { makeFirstAdminLink } from "../access/join.ts";
import { changeRole, invite, removeMember } from "../access/members.ts";
import { listInvitations } from "../access/one-time-links-table.ts";
import { allRoles, roleMeanings } from "../access/roles.ts";
import { listWorkspaceMembers, type WorkspaceMember } from "../access/workspace-members-table.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { parseIdOf } from "./arguments.ts";
import { type CommandContext, commandLine, findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

type Options = { workspace?: string; json?: boolean };

const workspaceOption = () =>
  new Option("--workspace <id>", "the workspace (default: the first one)").argParser(parseIdOf("a workspace"));
const roleOption = () => new Option("--role <role>", "what they may do (see below)").choices(allRoles);
const rolesHelp = `\nRoles:\n${allRoles.map((role) => `  ${role.padEnd(8)}${roleMeanings[role]}`).join("\n")}`;

export function addMemberCommand(program: Command): void {
  const member = program.command("member").description("people who sign in");
  addInviteCommands(member);
  member
    .command("list")
    .description("list the members of a workspace, and its open invitations")
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((options: Options) =>
      withDatabase(async ({ database }) => {
        const workspaceId = await findWorkspaceId(database.pool, options.workspace);
        const members = await listWorkspaceMembers(database.pool, workspaceId);
        const invitations = await listInvitations(database.pool, workspaceId, new Date());
        print({ members, invitations }, options, () => describeMembers(members, invitations));
      }),
    );
  member
    .command("set")
    .description("change what a member may do")
    .argument("<e-mail>", "whose", parseEmail)
    .addOption(roleOption().makeOptionMandatory())
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .addHelpText("after", rolesHelp)
    .action((email, { role, ...options }) =>
      withMember(email, options, async (access, of) => {
        const changed = await inTransaction(access.database, (tx) =>
          changeRole(tx, access, commandLine, { ...of, role }),
        );
        print(changed, options, () => `${email} is ${role} now.`);
      }),
    );
  member
    .command("remove")
    .description("remove a member from a workspace: they see nothing of it from now on")
    .argument("<e-mail>", "whom", parseEmail)
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((email, options: Options) =>
      withMember(email, options, async (access, of) => {
        const removed = await inTransaction(access.database, (tx) => removeMember(tx, access, commandLine, of));
        print(removed, options, () => `${email} is no member any more.`);
      }),
    );
  member
    .command("password-link")
    .description("make a link by which a member chooses a new password; it works once, for a day")
    .argument("<e-mail>", "whose", parseEmail)
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .action((email, options: Options) =>
      withMember(email, options, async (access, { workspaceId, id }) => {
        const made = await inTransaction(access.database, (tx) =>
          makePasswordLink(tx, access, commandLine, { workspaceId, memberId: id }),
        );
        print(made, options, ({ url }) => `Hand this link to ${email}:\n${url}`);
      }),
    );
}

function addInviteCommands(member: Command): void {
  member
    .command("invite-first")
    .description("make the link by which the first administrator comes in; the ones before open nothing any more")
    .option("--json", "print one JSON document")
    .action((options: Options) =>
      withDatabase(async (context) => {
        const { database, publicUrl, clock } = accessOf(context);
        const made = await makeFirstAdminLink(database, { publicUrl, now: clock() });
        if (!made)
          throw new Error("There are members already: `plumbline member invite --role admin` invites another.");
        print(made, options, ({ url }) => `Open this link in a browser within a day:\n${url}`);
      }),
    );
  member
    .command("invite")
    .description("invite somebody by a link that works once, for a week")
    .argument("<e-mail>", "whom", parseEmail)
    .addOption(roleOption().default("member"))
    .addOption(workspaceOption())
    .option("--json", "print one JSON document")
    .addHelpText("after", rolesHelp)
    .action((email, { role, ...options }) =>
      withDatabase(async (context) => {
        const access = accessOf(context);
        const workspaceId = await findWorkspaceId(access.database, options.workspace);
        const made = await inTransaction(access.database, (tx) =>
          invite(tx, access, commandLine, { workspaceId, email, role }),
        );
        print(made, options, ({ url }) => `Hand this link to ${email}:\n${url}`);
      }),
    );
}

type AccessOfCommand = ReturnType<typeof accessOf>;

function accessOf({ database, config }: CommandContext) {
  return { database: database.pool, publicUrl: config.publicUrl, clock: () => new Date() };
}

function withMember(
  email: string,
  options: Options,
  work: (access: AccessOfCommand, of: { workspaceId: string; id: string }) => Promise<void>,
): Promise<void> {
  return withDatabase(async (context) => {
    const access = accessOf(context);
    const workspaceId = await findWorkspaceId(access.database, options.workspace);
    const members = await listWorkspaceMembers(access.database, workspaceId);
    const found = members.find((one) => one.email.toLowerCase() === email.toLowerCase());
    if (!found) throw new Error(`${email} is no member of this workspace; \`plumbline member list\` shows who is.`);
    await work(access, { workspaceId, id: found.id });
  });
}

function describeMembers(
  members: readonly WorkspaceMember[],
  invitations: Awaited<ReturnType<typeof listInvitations>>,
): string {
  const rows = [
    ...members.map(({ email, name, role, lastSeenAt, id }) => ({
      email,
      name,
      role,
      state: "member",
      "last seen": lastSeenAt,
      id,
    })),
    ...invitations.map(({ email, role, state, id }) => ({
      email,
      name: null,
      role,
      state: state === "open" ? "invited" : "invitation expired",
      "last seen": null,
      id,
    })),
  ];
  return formatTable(
    rows,
    "There are no members yet; `plumbline member invite-first` makes the link for the first one.",
  );
}
