import { Badge, Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { SessionList } from "../../../contract/members.ts";
import { get, send } from "../../api/call.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";
import { describeBrowser } from "./describe-browser.ts";

type Session = Static<typeof SessionList>["items"][number];

export function YouPage() {
  const { name, email } = useMe();
  return (
    <Page title="You" lead={`${name} · ${email}`} above={<BackTo to="/settings" name="Settings" />} width="form">
      <Sessions />
      <Password email={email ?? ""} />
    </Page>
  );
}

function Sessions() {
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => get<Static<typeof SessionList>>("/sessions") });
  const changes = [["sessions"]];
  const end = useAction((id: string) => send("DELETE", `/sessions/${id}`), { done: "That session is over.", changes });
  const endOthers = useAction(() => send("DELETE", "/sessions"), {
    done: "Everywhere else you are signed out.",
    changes,
  });
  const columns: Column<Session>[] = [
    {
      key: "browser",
      title: "Browser",
      cell: ({ userAgent, current }) => (
        <Group gap="xs">
          <Text size="sm">{describeBrowser(userAgent)}</Text>
          {current && (
            <Badge variant="light" tt="none">
              here
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "address", title: "Address", cell: ({ address }) => <span className="mono">{address ?? "–"}</span> },
    {
      key: "seen",
      title: "Seen",
      order: ({ lastSeenAt }) => lastSeenAt,
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} />,
    },
    {
      key: "end",
      title: "",
      align: "right",
      cell: ({ id, current, userAgent }) =>
        current ? null : (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            aria-label={`End the session of ${describeBrowser(userAgent)}`}
            onClick={() => end.mutate(id)}
          >
            End
          </Button>
        ),
    },
  ];
  return (
    <Section
      title="Where you are signed in"
      flush
      actions={
        (sessions.data?.items.length ?? 0) > 1 && (
          <Button size="xs" variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            End all others
          </Button>
        )
      }
    >
      <DataTable label="Sessions" columns={columns} of={sessions} keyOf={({ id }) => id} empty={null} />
    </Section>
  );
}

function Password({ email }: { email: string }) {
  const form = useForm({
    initialValues: { current: "", next: "" },
    validate: {
      current: (value) => (value === "" ? "Needed, so that nobody else can do this at your open browser." : null),
      next: (value) => (value.length < 8 ? "At least 8 characters." : null),
    },
    validateInputOnBlur: true,
  });
  useGuard(form.isDirty());
  const change = useAction((body: typeof form.values) => send("POST", "/me/password", body), {
    done: "The password is changed. Everywhere else you are signed out.",
    onDone: () => form.reset(),
    isQuiet: true,
    changes: [["sessions"]],
  });
  return (
    <Section title="Your password">
      <form onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
        <Stack maw={420}>
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          {change.error && <Failed error={change.error} title="It was not changed" />}
          <PasswordInput label="Current password" autoComplete="current-password" {...form.getInputProps("current")} />
          <PasswordInput
            label="New password"
            description="At least 8 characters. A few words that nobody would guess are good."
            autoComplete="new-password"
            {...form.getInputProps("next")}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
