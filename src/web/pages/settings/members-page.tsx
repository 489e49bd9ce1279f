import { ActionIcon, Button, Group, Menu, Select, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconDots, IconKey, IconTrash, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Static } from "typebox";
import type {
  InvitationList,
  MadeInvitation,
  MadePasswordLink,
  MemberList,
  Member as MemberSchema,
} from "../../../contract/members.ts";
import { get, send } from "../../api/call.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";

type Member = Static<typeof MemberSchema>;
type Invitation = Static<typeof InvitationList>["items"][number];
type Role = Member["role"];

const roles: { value: Role; label: string; says: string }[] = [
  { value: "viewer", label: "viewer", says: "reads what there is" },
  { value: "member", label: "member", says: "also makes and changes records and settings" },
  { value: "admin", label: "admin", says: "also connections and their secrets, keys, members, the workspace" },
];

export function MembersPage() {
  const [link, setLink] = useState<{ says: string; url: string }>();
  return (
    <Page
      title="Members"
      lead="Who may come in, and what they may do."
      above={<BackTo to="/settings" name="Settings" />}
      width="form"
    >
      <Invite onLink={setLink} />
      {link && (
        <ShownOnce label="Link" text={link.url}>
          {link.says}
        </ShownOnce>
      )}
      <Members onLink={setLink} />
      <Invitations />
    </Page>
  );
}

type OnLink = (link: { says: string; url: string }) => void;

function Invite({ onLink }: { onLink: OnLink }) {
  const form = useForm<{ email: string; role: Role }>({
    initialValues: { email: "", role: "member" },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : "This is no e-mail address.") },
    validateInputOnBlur: true,
  });
  useGuard(form.isDirty());
  const invite = useAction(
    (body: typeof form.values) =>
      send<Static<typeof MadeInvitation>>("POST", "/invitations", { ...body, email: body.email.trim() }),
    {
      changes: [["invitations"]],
      isQuiet: true,
      onDone: ({ email, url }) => {
        onLink({ says: `Hand this link to ${email}. It works once, for a week.`, url });
        form.reset();
      },
    },
  );
  const chosen = roles.find(({ value }) => value === form.values.role);
  return (
    <Section title="Invite somebody">
      <form onSubmit={form.onSubmit((values) => invite.mutate(values))} noValidate>
        {invite.error && <Failed error={invite.error} title="They were not invited" />}
        <Group align="flex-start" gap="sm">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="off"
            flex="1 1 220px"
            maxLength={254}
            {...form.getInputProps("email")}
          />
          <Select
            label="Role"
            w={150}
            data={roles.map(({ value, label }) => ({ value, label }))}
            allowDeselect={false}
            {...form.getInputProps("role")}
          />
          <Button type="submit" loading={invite.isPending} mt={24}>
            Make the link
          </Button>
        </Group>
        <Text size="xs" c="dimmed" mt="xs">
          {chosen?.label} {chosen?.says}.
        </Text>
      </form>
    </Section>
  );
}

function Members({ onLink }: { onLink: OnLink }) {
  const me = useMe();
  const members = useQuery({ queryKey: ["members"], queryFn: () => get<Static<typeof MemberList>>("/members") });
  const changes = [["members"], ["me"]];
  const changeRole = useAction(
    ({ id, role }: { id: string; role: Role }) => send<Member>("PATCH", `/members/${id}`, { role }),
    { changes, done: ({ name, email, role }) => `${name ?? email} is ${role} now.` },
  );
  const remove = useAction((id: string) => send("DELETE", `/members/${id}`), { changes, done: "They are out." });
  const passwordLink = useAction(
    (memberId: string) => send<Static<typeof MadePasswordLink>>("POST", "/password-links", { memberId }),
    {
      changes: [],
      onDone: ({ url }) =>
        onLink({ says: "With this link they choose a new password. It works once, for a day.", url }),
    },
  );
  const columns: Column<Member>[] = [
    {
      key: "name",
      title: "Name",
      order: ({ name, email }) => name ?? email,
      cell: ({ name, email }) => (
        <div>
          <Text size="sm" fw={550}>
            {name ?? email}
          </Text>
          {name && (
            <Text size="xs" c="dimmed">
              {email}
            </Text>
          )}
        </div>
      ),
    },
    {
      key: "seen",
      title: "Seen",
      wide: true,
      order: ({ lastSeenAt }) => lastSeenAt,
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} />,
    },
    {
      key: "role",
      title: "Role",
      order: ({ role }) => role,
      width: 140,
      cell: ({ id, role, name, email }) => (
        <Select
          size="xs"
          aria-label={`Role of ${name ?? email}`}
          data={roles.map(({ value, label }) => ({ value, label }))}
          value={role}
          allowDeselect={false}
          onChange={(next) => next && changeRole.mutate({ id, role: next as Role })}
        />
      ),
    },
    {
      key: "more",
      title: "",
      width: 50,
      align: "right",
      cell: (member) => (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`More for ${member.name ?? member.email}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconKey size={14} aria-hidden />} onClick={() => passwordLink.mutate(member.id)}>
              Link to a new password
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={14} aria-hidden />}
              onClick={() =>
                confirm({
                  title: `Remove ${member.name ?? member.email}?`,
                  says: `They cannot open ${me.workspace?.name} any more, at once. An invitation brings them back.`,
                  action: "Remove",
                  onYes: () => remove.mutate(member.id),
                })
              }
            >
              Remove from this workspace
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];
  return (
    <Section title="Members" flush>
      <DataTable
        label="Members"
        columns={columns}
        of={members}
        keyOf={({ id }) => id}
        empty={<Empty icon={IconUsersGroup} title="Nobody yet" />}
      />
    </Section>
  );
}

function Invitations() {
  const invitations = useQuery({
    queryKey: ["invitations"],
    queryFn: () => get<Static<typeof InvitationList>>("/invitations"),
  });
  const withdraw = useAction((id: string) => send("DELETE", `/invitations/${id}`), {
    changes: [["invitations"]],
    done: "The link works no more.",
  });
  if (invitations.data?.items.length === 0) return null;
  const columns: Column<Invitation>[] = [
    { key: "email", title: "E-mail", cell: ({ email }) => email },
    { key: "role", title: "Role", cell: ({ role }) => role },
    {
      key: "until",
      title: "Works until",
      cell: ({ expiresAt, state }) =>
        state === "expired" ? (
          <Text size="sm" c="dimmed">
            over
          </Text>
        ) : (
          <Ago at={expiresAt} />
        ),
    },
    { key: "by", title: "Made by", wide: true, cell: ({ madeBy }) => madeBy ?? "–" },
    {
      key: "withdraw",
      title: "",
      align: "right",
      cell: ({ id, email }) => (
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={`Withdraw the invitation of ${email}`}
          onClick={() =>
            confirm({
              title: `Withdraw the invitation of ${email}?`,
              says: "Its link works no more, at once. They can be invited again.",
              action: "Withdraw",
              onYes: () => withdraw.mutate(id),
            })
          }
        >
          Withdraw
        </Button>
      ),
    },
  ];
  return (
    <Section title="Invitations" lead="Links that nobody has used yet." flush>
      <DataTable label="Invitations" columns={columns} of={invitations} keyOf={({ id }) => id} empty={null} />
    </Section>
  );
}
