import { Button, Group, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import type { Static } from "typebox";
import type { Workspace as WorkspaceSchema } from "../../../contract/members.ts";
import { send } from "../../api/call.ts";
import { chooseWorkspace } from "../../api/chosen-workspace.ts";
import { useMe } from "../../api/use-me.ts";
import { BackTo } from "../../parts/back-to.tsx";
import { Copyable } from "../../parts/copy.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";
import { served } from "../../served.ts";

type Workspace = Static<typeof WorkspaceSchema>;

const nameFault = (value: string) => (value.trim() === "" ? "A workspace needs a name." : null);

export function WorkspacePage() {
  const { workspace } = useMe();
  return (
    <Page title="Workspace" above={<BackTo to="/settings" name="Settings" />} width="form">
      {workspace && <This key={workspace.id} workspace={workspace} />}
      <Others />
    </Page>
  );
}

function This({ workspace }: { workspace: Workspace }) {
  const form = useForm({
    initialValues: { name: workspace.name, hierarchy: workspace.hierarchy },
    validate: { name: nameFault },
    validateInputOnChange: true,
  });
  useGuard(form.isDirty());
  const save = useAction(
    (body: typeof form.values) =>
      send<Workspace>("PATCH", `/workspaces/${workspace.id}`, { ...body, name: body.name.trim() }),
    {
      done: (saved) => sayChanges(workspace, saved),
      isQuiet: true,
      onDone: ({ name, hierarchy }) => {
        form.setInitialValues({ name, hierarchy });
        form.reset();
      },
    },
  );
  return (
    <Section title={workspace.name}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack>
          {save.error && <Failed error={save.error} title="It was not saved" />}
          <TextInput label="Name" maxLength={200} maw={420} autoComplete="off" {...form.getInputProps("name")} />
          <Switch
            label="Organizations above the accounts"
            description="On: accounts can belong to an organization, and a connection can say whether Pendo's account is an account or an organization."
            {...form.getInputProps("hierarchy", { type: "checkbox" })}
          />
          <Text size="sm" c="dimmed" component="div">
            Id <Copyable text={workspace.id} />
          </Text>
          <Group>
            <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function sayChanges(before: Workspace, { name, hierarchy }: Workspace): string {
  const said = [
    name !== before.name && `The workspace is called “${name}” now.`,
    hierarchy !== before.hierarchy &&
      (hierarchy ? "Accounts can belong to organizations now." : "Organizations are not shown any more."),
  ].filter(Boolean);
  return said.join(" ") || "Nothing was different.";
}

function Others() {
  const { workspaces, workspaceId } = useMe();
  const form = useForm({ initialValues: { name: "" }, validate: { name: nameFault } });
  const open = (id: string) => {
    chooseWorkspace(id);
    location.assign(`${served.prefix}/home`);
  };
  const make = useAction(
    ({ name }: typeof form.values) => send<Workspace>("POST", "/workspaces", { name: name.trim() }),
    { isQuiet: true, onDone: ({ id }) => open(id) },
  );
  return (
    <Section
      title="Workspaces"
      lead="Each has its own connections, records and members; nothing passes from one to another."
    >
      <Table verticalSpacing={6} aria-label="Workspaces">
        <Table.Tbody>
          {workspaces.map(({ id, name, role }) => (
            <Table.Tr key={id}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {role}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                {id === workspaceId ? (
                  <Text size="sm" c="dimmed">
                    open
                  </Text>
                ) : (
                  <Button size="compact-xs" variant="default" aria-label={`Open ${name}`} onClick={() => open(id)}>
                    Open
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <form onSubmit={form.onSubmit((values) => make.mutate(values))} noValidate>
        {make.error && <Failed error={make.error} title="It was not made" />}
        <Group align="flex-start" mt="md">
          <TextInput
            label="Another workspace"
            placeholder="Name"
            maxLength={200}
            autoComplete="off"
            flex="1 1 220px"
            maw={420}
            {...form.getInputProps("name")}
          />
          <Button type="submit" variant="default" mt={24} loading={make.isPending}>
            Create
          </Button>
        </Group>
      </form>
    </Section>
  );
}
