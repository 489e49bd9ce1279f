// One delivery beside the list: what came, the way it went, what was made of it.
import { Alert, Button, Code, Group, Stack, Table, Tabs, Text, Timeline } from "@mantine/core";
import {
  IconAlertTriangle,
  IconDoor,
  IconInbox,
  IconRefresh,
  IconTargetArrow,
  IconTimeline,
} from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import type { Static } from "typebox";
import type { DeliveryDetail as DetailSchema } from "../../../contract/api.ts";
import type { Replayed } from "../../../contract/replay.ts";
import { get, send } from "../../api/call.ts";
import { type Level, pathOf } from "../../api/records.ts";
import { useLiveQueries } from "../../api/use-live.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { Copyable, CopyIcon } from "../../parts/copy.tsx";
import { formatSize, formatTime } from "../../parts/format.ts";
import { nameKind } from "../../parts/kinds.ts";
import { RecordLink } from "../../parts/record-link.tsx";
import { SidePanel } from "../../parts/side-panel.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";

type Detail = Static<typeof DetailSchema>;

export function DeliveryPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const detail = useQuery({
    queryKey: ["delivery", id],
    queryFn: () => get<Detail>(`/deliveries/${id}`),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["deliveries"], [["delivery", id]]);
  return (
    <SidePanel title="Delivery" isOpen={id !== undefined} onClose={onClose} of={detail}>
      {(delivery) => <Whole delivery={delivery} />}
    </SidePanel>
  );
}

function Whole({ delivery }: { delivery: Detail }) {
  const { may } = useMe();
  const replay = useAction(() => send<Static<typeof Replayed>>("POST", `/deliveries/${delivery.id}/replay`), {
    done: ({ replayed, leftOut }) =>
      replayed === 1 ? "It goes through once more; nothing is recorded twice." : leftOut[0]?.why,
  });
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Group gap="xs">
          <StateBadge state={delivery.state} size="md" />
          <Text fw={550}>{delivery.kind === null ? (delivery.endpoint ?? "–") : nameKind(delivery.kind)}</Text>
        </Group>
        {may("write") && delivery.state !== "waiting" && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={replay.isPending}
            onClick={() => replay.mutate()}
          >
            Replay
          </Button>
        )}
      </Group>
      {delivery.message && (
        <Alert
          variant="light"
          color={delivery.state === "failed" || delivery.state === "refused" ? "red" : "gray"}
          icon={<IconAlertTriangle size={18} aria-hidden />}
        >
          {delivery.message}
          {delivery.tryAt && (
            <Text size="sm" mt={4}>
              Tried again by itself <Ago at={delivery.tryAt} />.
            </Text>
          )}
        </Alert>
      )}
      <Facts delivery={delivery} />
      <Made made={delivery.made} />
      <Way steps={delivery.steps} />
      {delivery.items.length > 0 && <Items items={delivery.items} />}
      <WhatCame delivery={delivery} />
    </Stack>
  );
}

function Facts({ delivery }: { delivery: Detail }) {
  const { pendo } = delivery;
  const facts: [string, React.ReactNode][] = [
    ["Id", <Copyable key="id" text={delivery.id} />],
    ["Received", <span key="at">{formatTime(delivery.receivedAt)}</span>],
    ["Visitor", pendo.visitorId === null ? "–" : <Copyable key="visitor" text={pendo.visitorId} />],
    ["Account", pendo.accountId === null ? "–" : <Copyable key="account" text={pendo.accountId} />],
    ["Size", formatSize(delivery.size)],
    ["Signature", delivery.signed ? "checked" : "not asked for"],
    ["Attempts", String(delivery.attempts)],
  ];
  return (
    <Table withRowBorders={false} verticalSpacing={3} horizontalSpacing={0} layout="fixed">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={110} fw={400}>
              <Text size="sm" c="dimmed">
                {name}
              </Text>
            </Table.Th>
            <Table.Td>
              <Text size="sm" component="div">
                {value}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Made({ made }: { made: Detail["made"] }) {
  if (made.length === 0) return null;
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        What was made of it
      </Text>
      <Stack gap={4}>
        {made.map((one) => (
          <Group key={`${one.type} ${one.id}`} gap="xs">
            <Text size="sm" className="nowrap">
              {one.type === "nps-response" ? "NPS response" : one.type.replace("-", " ")}
            </Text>
            <Owners of={one} />
            {!isLevel(one.type) && <Copyable text={one.id} short />}
          </Group>
        ))}
      </Stack>
    </div>
  );
}

const isLevel = (type: string): type is Level => type in pathOf;

/** Of a fact the user, and where the user was; a record is its own. */
function Owners({ of }: { of: Detail["made"][number] }) {
  const shown = (["user", of.account ? "account" : "organization"] as const).filter((level) => of[level] !== null);
  return (
    <Text size="sm" component="span" className="anywhere">
      {shown.map((level, place) => (
        <Fragment key={level}>
          {place > 0 && " · "}
          <RecordLink level={level} record={of[level]} />
        </Fragment>
      ))}
      {shown.length === 0 && isLevel(of.type) && "not there any more"}
    </Text>
  );
}

const signs = { door: IconDoor, inbox: IconInbox, match: IconTargetArrow, record: IconTimeline } as const;

function Way({ steps }: { steps: Detail["steps"] }) {
  return (
    <div>
      <Text fw={600} size="sm" mb="sm">
        Its way
      </Text>
      <Timeline active={steps.length - 1} bulletSize={26} lineWidth={2}>
        {steps.map(({ step, at, result }) => {
          const Sign = signs[step as keyof typeof signs] ?? IconTimeline;
          return (
            <Timeline.Item
              key={step}
              bullet={<Sign size={14} aria-hidden />}
              title={
                <Text fw={550} size="sm" tt="capitalize">
                  {step}
                </Text>
              }
            >
              <Text size="sm">{result}</Text>
              {at && (
                <Text size="xs" c="dimmed">
                  {formatTime(at)}
                </Text>
              )}
            </Timeline.Item>
          );
        })}
      </Timeline>
    </div>
  );
}

function Items({ items }: { items: Detail["items"] }) {
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        Objects of it that did not end well
      </Text>
      <Stack gap="xs">
        {items.map(({ place, state, message, kind, pendo, detail }) => (
          <div key={place}>
            <Group gap="xs">
              <Text size="sm" className="number">
                {place}.
              </Text>
              <StateBadge state={state} />
              <Text size="sm">{nameKind(kind)}</Text>
              <Text size="xs" c="dimmed" className="mono">
                {[pendo.visitorId, pendo.accountId].filter(Boolean).join(" · ")}
              </Text>
            </Group>
            <Text size="sm" c="dimmed">
              {[message, detail].filter(Boolean).join(" ")}
            </Text>
          </div>
        ))}
      </Stack>
    </div>
  );
}

function WhatCame({ delivery: { body, bodyBase64, headers } }: { delivery: Detail }) {
  const raw = body ?? bodyBase64;
  if (raw === null)
    return (
      <Text size="sm" c="dimmed">
        The raw body has been deleted: bodies are kept for a time, the record of the delivery stays.
      </Text>
    );
  const formatted = body === null ? undefined : format(body);
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        What came
      </Text>
      <Tabs defaultValue={formatted === undefined ? "raw" : "formatted"} keepMounted={false}>
        <Tabs.List>
          {formatted !== undefined && <Tabs.Tab value="formatted">Formatted</Tabs.Tab>}
          <Tabs.Tab value="raw">{body === null ? "Raw (Base64)" : "Raw"}</Tabs.Tab>
          <Tabs.Tab value="headers">Headers</Tabs.Tab>
        </Tabs.List>
        {formatted !== undefined && (
          <Tabs.Panel value="formatted" pt="xs">
            <Block text={formatted} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="raw" pt="xs">
          <Block text={raw} />
        </Tabs.Panel>
        <Tabs.Panel value="headers" pt="xs">
          <Block text={JSON.stringify(headers, null, 2)} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Block({ text }: { text: string }) {
  return (
    <div style={{ position: "relative" }}>
      <Code block tabIndex={0} style={{ maxHeight: 360, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Code>
      <div style={{ position: "absolute", top: 6, right: 6 }}>
        <CopyIcon text={text} />
      </div>
    </div>
  );
}

/** For reading only: numbers beyond what JavaScript can hold look different here, the raw text is exact. */
function format(body: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return undefined;
  }
}
