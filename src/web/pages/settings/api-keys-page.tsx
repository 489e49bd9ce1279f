import { Badge, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Static } from "typebox";
import type { ApiKeyList, ApiKey as ApiKeySchema, MadeApiKey } from "../../../contract/access.ts";
import { get, send } from "../../api/call.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";

type ApiKey = Static<typeof ApiKeySchema>;

const scopes = [
  { value: "read", says: "read what there is" },
  { value: "write", says: "make and change records and settings" },
  { value: "ingest", says: "send to the Analytics API" },
  { value: "admin", says: "keys, members, the audit log, connections and their secrets" },
];

const ends = [
  { value: "", label: "never" },
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
];

export function ApiKeysPage() {
  const [made, setMade] = useState<Static<typeof MadeApiKey>>();
  return (
    <Page
      title="API keys"
      lead="For programs. A key is one workspace's, and can do what its scopes say."
      above={<BackTo to="/settings" name="Settings" />}
    >
      <NewKey onMade={setMade} />
      {made && (
        <ShownOnce label={`The key “${made.name}”`} text={made.key}>
          Put it where the program finds it, such as a secret of its environment.
        </ShownOnce>
      )}
      <Keys />
    </Page>
  );
}

function NewKey({ onMade }: { onMade: (made: Static<typeof MadeApiKey>) => void }) {
  const form = useForm({
    initialValues: { name: "", scopes: ["read"], days: "" },
    validate: {
      name: (value) => (value.trim() === "" ? "Say what it is for." : null),
      scopes: (value) => (value.length === 0 ? "A key without a scope can do nothing." : null),
    },
    validateInputOnBlur: true,
  });
  useGuard(form.isDirty());
  const make = useAction(
    ({ name, scopes, days }: typeof form.values) =>
      send<Static<typeof MadeApiKey>>("POST", "/api-keys", {
        name: name.trim(),
        scopes,
        expiresAt: days === "" ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
      }),
    {
      changes: [["api-keys"]],
      isQuiet: true,
      onDone: (key) => {
        onMade(key);
        form.reset();
      },
    },
  );
  return (
    <Section title="New key">
      <form onSubmit={form.onSubmit((values) => make.mutate(values))} noValidate>
        <Stack>
          {make.error && <Failed error={make.error} title="It was not made" />}
          <Group align="flex-start">
            <TextInput
              label="Name"
              placeholder="CRM sync"
              flex="1 1 240px"
              maxLength={200}
              autoComplete="off"
              {...form.getInputProps("name")}
            />
            <Select label="Ends" w={150} data={ends} allowDeselect={false} {...form.getInputProps("days")} />
          </Group>
          <Checkbox.Group label="What it may do" {...form.getInputProps("scopes")}>
            <Group mt={6} gap="lg">
              {scopes.map(({ value, says }) => (
                <Checkbox key={value} value={value} label={value} description={says} />
              ))}
            </Group>
          </Checkbox.Group>
          <Group>
            <Button type="submit" loading={make.isPending}>
              Make the key
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Keys() {
  const keys = useQuery({ queryKey: ["api-keys"], queryFn: () => get<Static<typeof ApiKeyList>>("/api-keys") });
  const revoke = useAction((id: string) => send("DELETE", `/api-keys/${id}`), {
    changes: [["api-keys"]],
    done: "Revoked: whatever uses that key is refused now.",
  });
  const columns: Column<ApiKey>[] = [
    {
      key: "name",
      title: "Name",
      order: ({ name }) => name,
      cell: ({ name, prefix }) => (
        <div>
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {prefix}…
          </Text>
        </div>
      ),
    },
    {
      key: "scopes",
      title: "May",
      cell: ({ scopes: given }) => (
        <Group gap={4}>
          {given.map((scope) => (
            <Badge key={scope} variant="default" tt="none" radius="sm" fw={500}>
              {scope}
            </Badge>
          ))}
        </Group>
      ),
    },
    { key: "state", title: "State", order: ({ state }) => state, cell: ({ state }) => <StateBadge state={state} /> },
    {
      key: "used",
      title: "Last used",
      wide: true,
      order: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Ago at={lastUsedAt} /> : "never"),
    },
    {
      key: "ends",
      title: "Ends",
      wide: true,
      order: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => (expiresAt ? <Ago at={expiresAt} /> : "never"),
    },
    { key: "by", title: "Made by", wide: true, order: ({ madeBy }) => madeBy, cell: ({ madeBy }) => madeBy ?? "–" },
    {
      key: "revoke",
      title: "",
      align: "right",
      cell: ({ id, name, state }) =>
        state === "revoked" ? null : (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            aria-label={`Revoke ${name}`}
            onClick={() =>
              confirm({
                title: `Revoke “${name}”?`,
                says: "Whatever uses it is refused from this moment on. A revoked key cannot be brought back; a new one can be made.",
                action: "Revoke",
                name,
                onYes: () => revoke.mutate(id),
              })
            }
          >
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <Section title="Keys" flush>
      <DataTable
        label="API keys"
        columns={columns}
        of={keys}
        keyOf={({ id }) => id}
        empty={
          <Empty icon={IconKey} title="No keys yet">
            A program that reads or writes here needs one.
          </Empty>
        }
      />
    </Section>
  );
}
