// One connection, in the order in which a person needs it.
import { Alert, Button, Group, Modal, Switch, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Static } from "typebox";
import type { HeldDone } from "../../../contract/connections.ts";
import { ApiError, send } from "../../api/call.ts";
import { type Connection, connectionQuery, liveQuery, liveSays, readLiveState } from "../../api/connections.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { BackTo } from "../../parts/back-to.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { Loading } from "../../parts/loading.tsx";
import { Page } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";
import { NothingHere } from "../../shell/nothing-here.tsx";
import { AddressSection } from "./address-section.tsx";
import { AnalyticsSection } from "./analytics-section.tsx";
import { KeepSection } from "./keep-section.tsx";
import { RepairSection } from "./repair-section.tsx";
import { ReportsSection } from "./reports-section.tsx";
import { WhoSection } from "./who-section.tsx";

export function ConnectionPage() {
  const { id = "" } = useParams({ strict: false });
  const connection = useQuery(connectionQuery(id));
  useLiveQueries(["connections", "deliveries"], [["connections", id], ["ledger"], ["parked"]]);
  if (connection.error instanceof ApiError && connection.error.status === 404) return <NothingHere />;
  if (connection.error && !connection.data)
    return <Failed error={connection.error} again={() => void connection.refetch()} />;
  if (!connection.data) return <Loading lines={10} />;
  return <Whole connection={connection.data} />;
}

function Whole({ connection }: { connection: Connection }) {
  const live = useQuery(liveQuery(connection.id)).data?.state ?? readLiveState(connection);
  const isPendo = connection.kind === "pendo";
  return (
    <Page
      title={connection.name}
      above={<BackTo to="/settings/integrations" name="Integrations" />}
      lead={
        <Group gap="xs" component="span">
          <StateBadge state={live} />
          {connection.lastDeliveryAt ? (
            <span>
              Last delivery <Ago at={connection.lastDeliveryAt} />.
            </span>
          ) : (
            <span>{liveSays[live]}</span>
          )}
        </Group>
      }
      actions={
        <>
          <Rename connection={connection} />
          <OnOff connection={connection} />
        </>
      }
      width="form"
    >
      <Held connection={connection} />
      {isPendo ? <AddressSection connection={connection} /> : <AnalyticsSection connection={connection} />}
      {isPendo && <WhoSection key={connection.mapping.version} connection={connection} />}
      <KeepSection connection={connection} />
      {isPendo && <ReportsSection connection={connection} />}
      <RepairSection connection={connection} />
    </Page>
  );
}

function Rename({ connection: { id, name } }: { connection: Connection }) {
  const { may } = useMe();
  const [isOpen, { open, close }] = useDisclosure(false);
  const [text, setText] = useState(name);
  const save = useAction(() => send<Connection>("PATCH", `/connections/${id}`, { name: text.trim() }), {
    changes: [["connections"]],
    done: (saved) => `The connection is called “${saved.name}” now.`,
    onDone: close,
  });
  if (!may("admin")) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Rename
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={<Text fw={650}>Rename</Text>}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <TextInput
            label="Name"
            maxLength={200}
            value={text}
            data-autofocus
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Group justify="flex-end" mt="md">
            <Button type="submit" disabled={text.trim() === "" || text === name} loading={save.isPending}>
              Save
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}

function OnOff({ connection: { id, state, name } }: { connection: Connection }) {
  const { may } = useMe();
  const turn = useAction((isOn: boolean) => send<Connection>("PATCH", `/connections/${id}`, { isOn }), {
    changes: [["connections"]],
    done: (changed) => (changed.state === "on" ? `${name} is on.` : `${name} is off: what arrives is held.`),
  });
  return (
    <Switch
      label={state === "on" ? "On" : "Off"}
      size="md"
      checked={state === "on"}
      disabled={!may("admin") || turn.isPending}
      onChange={({ currentTarget }) => {
        if (currentTarget.checked) turn.mutate(true);
        else
          confirm({
            title: `Switch ${name} off?`,
            says: "Deliveries are still taken in and kept as held. Nothing is recorded until you switch it on and process them.",
            action: "Switch off",
            onYes: () => turn.mutate(false),
          });
      }}
    />
  );
}

function Held({ connection: { id, held, state } }: { connection: Connection }) {
  const { may } = useMe();
  const settle = useAction(
    (action: "process" | "discard") => send<Static<typeof HeldDone>>("POST", `/connections/${id}/held`, { action }),
    {
      done: ({ processed, discarded, goesOn }) =>
        goesOn
          ? "They go through now, in the background."
          : processed > 0
            ? `${formatNumber(processed)} go through now.`
            : `${formatNumber(discarded)} were given up.`,
    },
  );
  if (held === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconPlayerPause aria-hidden />}
      title={`${formatNumber(held)} deliveries are held`}
    >
      <Text size="sm">They arrived while the connection was off.</Text>
      {may("write") && (
        <Group gap="xs" mt="sm">
          <Button
            size="xs"
            disabled={state === "off"}
            loading={settle.isPending}
            onClick={() => settle.mutate("process")}
          >
            Process them
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              confirm({
                title: `Discard ${formatNumber(held)} deliveries?`,
                says: "They stay in the log as filtered, and nothing is recorded of them. A replay brings them back as long as their bodies are kept.",
                action: "Discard",
                onYes: () => settle.mutate("discard"),
              })
            }
          >
            Discard them
          </Button>
          {state === "off" && (
            <Text size="xs" c="dimmed">
              Switch the connection on to process them.
            </Text>
          )}
        </Group>
      )}
    </Alert>
  );
}
