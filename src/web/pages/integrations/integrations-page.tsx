import { Box, Button, Card, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Static } from "typebox";
import type { NewConnection } from "../../../contract/connections.ts";
import { send } from "../../api/call.ts";
import { type Connection, connectionsQuery, liveSays, readLiveState } from "../../api/connections.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";

const kinds = [
  { value: "pendo", label: "Pendo" },
  { value: "analytics", label: "Analytics API (for your own systems)" },
];

export function IntegrationsPage() {
  const { may } = useMe();
  const connections = useQuery(connectionsQuery);
  const [isAdding, { open, close }] = useDisclosure(false);
  useLiveQueries(["connections", "deliveries"], [["connections"]]);
  const add = may("admin") && (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={open}>
      New connection
    </Button>
  );
  return (
    <Page
      title="Integrations"
      lead="Where facts come from: a Pendo subscription each, or your own systems."
      above={<BackTo to="/settings" name="Settings" />}
      actions={add}
      width="form"
    >
      {connections.error && !connections.data ? (
        <Failed error={connections.error} again={() => void connections.refetch()} />
      ) : !connections.data ? (
        <Loading />
      ) : connections.data.items.length === 0 ? (
        <Empty icon={IconPlugConnected} title="Nothing is connected yet" action={add}>
          A connection has an address of its own that Pendo sends webhooks to.
        </Empty>
      ) : (
        <Stack gap="sm">
          {connections.data.items.map((connection) => (
            <ConnectionCard key={connection.id} connection={connection} />
          ))}
        </Stack>
      )}
      <NewConnectionForm isOpen={isAdding} onClose={close} />
    </Page>
  );
}

function ConnectionCard({ connection }: { connection: Connection }) {
  const live = readLiveState(connection);
  return (
    <Card component={Link} to={`/settings/integrations/${connection.id}`} withBorder className="card-link">
      <Group justify="space-between" wrap="nowrap">
        <Box miw={0}>
          <Text fw={600}>{connection.name}</Text>
          <Text size="sm" c="dimmed">
            {kinds.find(({ value }) => value === connection.kind)?.label}
            {" · "}
            {connection.lastDeliveryAt ? (
              <>
                last delivery <Ago at={connection.lastDeliveryAt} />
              </>
            ) : (
              liveSays[live]
            )}
            {connection.held > 0 && ` · ${formatNumber(connection.held)} held`}
          </Text>
        </Box>
        <StateBadge state={live} size="md" />
      </Group>
    </Card>
  );
}

function NewConnectionForm({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: "", kind: "pendo" },
    validate: { name: (value) => (value.trim() === "" ? "Say what to call it." : null) },
  });
  const make = useAction(
    ({ name, kind }: typeof form.values) =>
      send<Static<typeof NewConnection>>("POST", "/connections", { name: name.trim(), kind }),
    {
      changes: [["connections"]],
      isQuiet: true,
      onDone: ({ connection }) => {
        onClose();
        form.reset();
        void navigate({ to: `/settings/integrations/${connection.id}` });
      },
    },
  );
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={<Text fw={650}>New connection</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form onSubmit={form.onSubmit((values) => make.mutate(values))} noValidate>
        <Stack>
          {make.error && <Failed error={make.error} title="It was not made" />}
          <Select label="Who sends" data={kinds} allowDeselect={false} {...form.getInputProps("kind")} />
          <TextInput
            label="Name"
            placeholder="Production"
            maxLength={200}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps("name")}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending}>
              Make the connection
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
