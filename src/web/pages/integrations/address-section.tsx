import {
  Anchor,
  Button,
  Code,
  Group,
  List,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Table,
  Text,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconExternalLink, IconLock, IconRotate } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Static } from "typebox";
import type { Addresses as AddressesSchema, RotatedConnection } from "../../../contract/connections.ts";
import { get, send } from "../../api/call.ts";
import { type Connection, liveQuery, regions } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { CopyIcon } from "../../parts/copy.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";
import { Samples } from "./samples.tsx";

type Addresses = Static<typeof AddressesSchema>;

export function AddressSection({ connection }: { connection: Connection }) {
  const { may } = useMe();
  const { id, region } = connection;
  const live = useQuery(liveQuery(id));
  const setRegion = useAction((next: string) => send("PATCH", `/connections/${id}`, { region: next }), {
    changes: [["connections"]],
    done: (_, next) =>
      `Region: ${regions.find(({ value }) => value === next)?.label ?? next}. Pendo is asked there now.`,
  });
  return (
    <Section title="1. Address" lead="Pendo's plan must include webhooks. Set one up there that sends to this address.">
      <Stack>
        <Group align="flex-end">
          <Select
            label="Region of the subscription"
            w={220}
            data={regions}
            value={region}
            allowDeselect={false}
            disabled={!may("admin")}
            onChange={(next) => next && setRegion.mutate(next)}
          />
          <Anchor href={live.data?.webhookPage ?? undefined} target="_blank" rel="noreferrer" size="sm" mb={8}>
            Open Pendo's webhook page <IconExternalLink size={13} aria-hidden style={{ verticalAlign: -2 }} />
          </Anchor>
        </Group>
        {may("admin") ? (
          <Addresses id={id} />
        ) : (
          <Text size="sm" c="dimmed">
            Administrators see the address.
          </Text>
        )}
        <div>
          <Text size="sm" fw={550} mb={4}>
            In Pendo
          </Text>
          <List type="ordered" size="sm" spacing={2}>
            <List.Item>“+ Add Webhook”, type URL, and paste the address.</List.Item>
            <List.Item>Tick the events that you want here:</List.Item>
          </List>
          <ToTick id={id} />
        </div>
        {may("admin") && <Secret connection={connection} />}
        {may("admin") && <Samples connection={connection} />}
      </Stack>
    </Section>
  );
}

/** What Pendo's page offers, and what becomes of each. A test message is sent from there, and need not be ticked. */
function ToTick({ id }: { id: string }) {
  const live = useQuery(liveQuery(id));
  if (!live.data) return <Loading lines={8} />;
  return (
    <Table verticalSpacing={3} mt={4} maw={560} aria-label="Events to tick">
      <Table.Tbody>
        {live.data.kinds
          .filter(({ kind }) => kind !== "ping")
          .map(({ kind, label, becomes }) => (
            <Table.Tr key={kind}>
              <Table.Td fw={500} className="nowrap">
                {label}
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  becomes: {becomes}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function Addresses({ id }: { id: string }) {
  const addresses = useQuery({
    queryKey: ["connections", id, "addresses"],
    queryFn: () => get<Addresses>(`/connections/${id}/addresses`),
  });
  const [isRotating, { open, close }] = useDisclosure(false);
  if (addresses.error && !addresses.data)
    return <Failed error={addresses.error} again={() => void addresses.refetch()} />;
  if (!addresses.data) return <Loading lines={1} />;
  const { items, hidden } = addresses.data;
  return (
    <div>
      <Text size="sm" fw={550} mb={4}>
        Webhook address
      </Text>
      {items.map(({ url, worksUntil }) => (
        <Group key={url} gap="xs" wrap="nowrap" mb={4}>
          <Code fz="sm" style={{ overflowWrap: "anywhere" }} c={worksUntil ? "dimmed" : undefined}>
            {url}
          </Code>
          <CopyIcon text={url} label="Copy the address" />
          {worksUntil && (
            <Text size="xs" c="dimmed" className="nowrap">
              works until <Ago at={worksUntil} />
            </Text>
          )}
        </Group>
      ))}
      {hidden > 0 && (
        <Text size="sm" c="dimmed">
          {items.length === 0 ? "The address was" : "Another one was"} made before addresses were kept, so it cannot be
          shown. It goes on working; replace it to see one here.
        </Text>
      )}
      <Button
        size="compact-sm"
        variant="default"
        mt="xs"
        leftSection={<IconRotate size={14} aria-hidden />}
        onClick={open}
      >
        Replace the address
      </Button>
      <Rotate id={id} isOpen={isRotating} onClose={close} />
    </div>
  );
}

const graces = [
  { value: "0", label: "not at all: it stops now" },
  { value: "60", label: "an hour" },
  { value: "1440", label: "a day" },
  { value: "10080", label: "a week" },
];

function Rotate({ id, isOpen, onClose }: { id: string; isOpen: boolean; onClose: () => void }) {
  const [grace, setGrace] = useState("1440");
  const rotate = useAction(
    () => send<Static<typeof RotatedConnection>>("POST", `/connections/${id}/rotate`, { graceMinutes: Number(grace) }),
    { changes: [["connections"]], done: "Paste the new address into Pendo now.", onDone: onClose },
  );
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={<Text fw={650}>Replace the address</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text size="sm">
          A new address is made. The old one goes on working for a while, so that nothing is lost until Pendo has the
          new one.
        </Text>
        <Select
          label="The old one works for"
          data={graces}
          value={grace}
          allowDeselect={false}
          onChange={(next) => setGrace(next ?? "1440")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            Replace
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Secret({ connection: { id, secrets } }: { connection: Connection }) {
  const [isSet, setIsSet] = useState(false);
  const [text, setText] = useState("");
  const save = useAction(
    (secret: string | null) =>
      send<Static<typeof RotatedConnection>>("POST", `/connections/${id}/rotate`, { address: false, secret }),
    {
      changes: [["connections"]],
      done: (_, secret) =>
        secret === null ? "Signatures are not asked for any more." : "From now on requests must be signed with it.",
      onDone: () => {
        setText("");
        setIsSet(false);
      },
    },
  );
  useGuard(text !== "");
  const isSigned = secrets.length > 0;
  const askToTakeAll = () =>
    confirm({
      title: "Ask for no signatures any more?",
      says: "The secret is deleted, and whoever knows the address can send to it. To ask for signatures again, set a secret anew.",
      action: "Ask for none",
      onYes: () => save.mutate(null),
    });
  return (
    <div>
      <Group gap="xs">
        <IconLock size={16} aria-hidden />
        <Text size="sm" fw={550}>
          Secret
        </Text>
        <Text size="sm" c="dimmed">
          {isSigned
            ? `Requests must be signed with ${secrets.join(" or ")}.`
            : "Optional. With one, only signed requests are taken."}
        </Text>
      </Group>
      <Group gap="xs" mt={6}>
        <Switch
          label="Ask for signatures"
          checked={isSigned || isSet}
          onChange={({ currentTarget }) =>
            isSigned && !currentTarget.checked ? askToTakeAll() : setIsSet(currentTarget.checked)
          }
        />
      </Group>
      {(isSet || isSigned) && (
        <Group align="flex-end" mt="xs">
          <PasswordInput
            label={isSigned ? "Replace the secret" : "Secret, as it is in Pendo"}
            description={isSigned ? "The old one works for a day more." : undefined}
            autoComplete="off"
            w={320}
            maxLength={500}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Button variant="default" disabled={text === ""} loading={save.isPending} onClick={() => save.mutate(text)}>
            Save
          </Button>
        </Group>
      )}
    </div>
  );
}
