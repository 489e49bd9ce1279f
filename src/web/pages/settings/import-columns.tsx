import { Button, Group, Select, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { send } from "../../api/call.ts";
import { Failed } from "../../parts/failed.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";
import type { Detail } from "./import-panel.tsx";

const becomes: Record<Detail["kind"], string[]> = {
  user: ["externalId", "name", "email", "account", "organization", "trait", "nothing"],
  account: ["externalId", "name", "organization", "trait", "nothing"],
  organization: ["externalId", "name", "trait", "nothing"],
};
const names: Record<string, string> = {
  externalId: "External ID",
  name: "Name",
  email: "E-mail",
  account: "Account (external ID)",
  organization: "Organization (external ID)",
  trait: "Trait",
  nothing: "Nothing",
};

/** What each column becomes: proposed by its name, and a person's to say. */
export function ImportColumns({ detail }: { detail: Detail }) {
  const [choices, setChoices] = useState(detail.columns);
  const [isTrial, setTrial] = useState(false);
  useEffect(() => setChoices(detail.columns), [detail.columns]);
  const start = useAction(() => send("POST", `/imports/${detail.id}/start`, { columns: choices, dryRun: isTrial }), {
    changes: [
      ["import", detail.id],
      ["list", "/imports"],
    ],
    isQuiet: true,
  });
  useGuard(!start.isSuccess && JSON.stringify(choices) !== JSON.stringify(detail.columns));
  const change = (place: number, next: Partial<(typeof choices)[number]>) =>
    setChoices(choices.map((one, at) => (at === place ? { ...one, ...next } : one)));
  const hasId = choices.some((one) => one.becomes === "externalId");
  return (
    <Stack>
      <Text size="sm">What each column becomes:</Text>
      {start.error && <Failed error={start.error} title="It was not started" />}
      <Table verticalSpacing={4} aria-label="Columns">
        <Table.Tbody>
          {choices.map(({ column, becomes: chosen, trait }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have the same name; they never move.
            <Table.Tr key={place}>
              <Table.Th fw={500}>{column || <i>without a name</i>}</Table.Th>
              <Table.Td w={210}>
                <Select
                  size="xs"
                  aria-label={`${column} becomes`}
                  data={becomes[detail.kind].map((value) => ({ value, label: names[value] ?? value }))}
                  value={chosen}
                  allowDeselect={false}
                  onChange={(next) => change(place, { becomes: next as typeof chosen })}
                />
                {chosen === "trait" && (
                  <TextInput
                    size="xs"
                    mt={4}
                    aria-label={`Name of the trait of ${column}`}
                    placeholder={column}
                    maxLength={200}
                    value={trait ?? ""}
                    onChange={({ currentTarget }) => change(place, { trait: currentTarget.value })}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!hasId && (
        <Text size="sm" c="red" role="alert">
          One column must be the external ID.
        </Text>
      )}
      <Group justify="space-between">
        <Switch
          label="Trial: count, and change nothing"
          checked={isTrial}
          onChange={({ currentTarget }) => setTrial(currentTarget.checked)}
        />
        <Button disabled={!hasId} loading={start.isPending} onClick={() => start.mutate()}>
          {isTrial ? "Try" : "Import"}
        </Button>
      </Group>
    </Stack>
  );
}
