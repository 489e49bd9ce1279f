import { Alert, Button, Group, PasswordInput, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import type { Static } from "typebox";
import type { KeyTested } from "../../../contract/connections.ts";
import { send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { Ago } from "../../parts/ago.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";

/** Write-only: its last four characters are all that is ever shown. */
export function IntegrationKey({ connection: { id, integrationKey, asking } }: { connection: Connection }) {
  const [isReplacing, setReplacing] = useState(false);
  const [text, setText] = useState("");
  const changes = [["connections"], ["match-preview"]];
  const test = useAction(() => send<Static<typeof KeyTested>>("POST", `/connections/${id}/integration-key/test`), {
    changes,
    done: ({ message }) => message,
  });
  const save = useAction((key: string) => send<Connection>("PUT", `/connections/${id}/integration-key`, { key }), {
    changes,
    onDone: () => {
      setText("");
      setReplacing(false);
      test.mutate();
    },
  });
  const remove = useAction(() => send("DELETE", `/connections/${id}/integration-key`), {
    changes,
    done: "The key is gone.",
  });
  useGuard(text !== "");
  const isShown = integrationKey === null || isReplacing;
  return (
    <div>
      {integrationKey && (
        <Group gap="sm">
          <Text size="sm" fw={500}>
            Integration key <span className="mono">{integrationKey.key}</span>
          </Text>
          <StateBadge state={integrationKey.state} />
          {integrationKey.testedAt && (
            <Text size="sm" c="dimmed">
              tested <Ago at={integrationKey.testedAt} />
            </Text>
          )}
          <Button size="compact-xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => setReplacing(!isReplacing)}>
            Replace
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            onClick={() =>
              confirm({
                title: "Take the integration key away?",
                says: "Pendo cannot be asked any more: mappings by metadata park what they do not know, and reports stop.",
                action: "Take it away",
                onYes: () => remove.mutate(),
              })
            }
          >
            Remove
          </Button>
        </Group>
      )}
      {isShown && (
        <Group align="flex-end" mt={integrationKey ? "xs" : 0}>
          <PasswordInput
            label="Integration key"
            description="From Pendo → Settings → Integrations. One that only reads is enough. Needed for metadata and reports."
            autoComplete="off"
            flex="1 1 280px"
            maw={480}
            value={text}
            maxLength={1_000}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Button disabled={text.trim() === ""} loading={save.isPending} onClick={() => save.mutate(text)}>
            Save and test
          </Button>
        </Group>
      )}
      {asking && (
        <Alert mt="sm" color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
          {asking.message}
          {asking.againAt && (
            <>
              {" "}
              Tried again <Ago at={asking.againAt} />.
            </>
          )}
        </Alert>
      )}
    </div>
  );
}
