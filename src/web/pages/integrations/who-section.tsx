// Who is who: how Pendo's ids become external IDs, tried on what is there before it is saved.
import { Alert, Box, Button, Group, Radio, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Static } from "typebox";
import type { SavedMapping } from "../../../contract/connections.ts";
import type { MatchJobs, MatchPreview as PreviewSchema } from "../../../contract/matching.ts";
import { get, send } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { Ago } from "../../parts/ago.tsx";
import { Failed } from "../../parts/failed.tsx";
import { formatNumber } from "../../parts/format.ts";
import { JobProgress } from "../../parts/job-progress.tsx";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";
import { useGuard } from "../../parts/use-guard.ts";
import { IntegrationKey } from "./integration-key.tsx";
import { MatchPreview } from "./match-preview.tsx";

export type Preview = Static<typeof PreviewSchema>;
type Draft = { userIdFrom: string | null; accountIdFrom: string | null; level: "account" | "organization" };

export function WhoSection({ connection }: { connection: Connection }) {
  const { id, mapping } = connection;
  const { may, workspace } = useMe();
  const saved: Draft = { userIdFrom: mapping.userIdFrom, accountIdFrom: mapping.accountIdFrom, level: mapping.level };
  const [draft, setDraft] = useState<Draft>(saved);
  const [isShown, setIsShown] = useState(false);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  useGuard(isChanged);
  const preview = useQuery({
    queryKey: ["match-preview", id, draft],
    queryFn: ({ signal }) =>
      get<Preview>(
        `/connections/${id}/match-preview`,
        {
          userIdFrom: draft.userIdFrom ?? "visitorId",
          accountIdFrom: draft.accountIdFrom ?? "accountId",
          level: draft.level,
        },
        signal,
      ),
    enabled: isShown,
    staleTime: 60_000,
  });
  const save = useAction(() => send<Static<typeof SavedMapping>>("PATCH", `/connections/${id}/mapping`, draft), {
    done: ({ isChanged: did, released }) =>
      did
        ? `${sayMapping(draft)}${released > 0 ? ` ${formatNumber(released)} parked deliveries go through once more.` : ""}`
        : "Nothing was different.",
    isQuiet: true,
  });
  const link = useAction((missingRecords: string) => send("PATCH", `/connections/${id}`, { missingRecords }), {
    changes: [["connections"]],
    done: (_, missing) =>
      missing === "create" ? "Missing records are made now." : "From now on, what has no record is parked.",
  });
  const isAdmin = may("admin");
  const mayChange = may("write");
  return (
    <Section
      title="2. Who is who"
      lead="By default Pendo's visitorId is a user's external ID, and its accountId an account's. Or a field of Pendo's metadata is."
    >
      <Stack>
        {isAdmin && <IntegrationKey connection={connection} />}
        <Field
          label="Users are recognised by"
          own="visitorId"
          value={draft.userIdFrom}
          disabled={!mayChange}
          fields={preview.data?.fields?.visitors}
          onChange={(userIdFrom) => setDraft({ ...draft, userIdFrom })}
        />
        <Field
          label="Accounts are recognised by"
          own="accountId"
          value={draft.accountIdFrom}
          disabled={!mayChange}
          fields={preview.data?.fields?.accounts}
          onChange={(accountIdFrom) => setDraft({ ...draft, accountIdFrom })}
        />
        {(workspace?.hierarchy || draft.level === "organization") && (
          <div>
            <Text size="sm" fw={500} mb={4} id="level">
              Pendo's account is
            </Text>
            <SegmentedControl
              aria-labelledby="level"
              disabled={!mayChange}
              data={[
                { value: "account", label: "an account" },
                { value: "organization", label: "an organization" },
              ]}
              value={draft.level}
              onChange={(level) => setDraft({ ...draft, level: level as Draft["level"] })}
            />
          </div>
        )}
        <Radio.Group
          label="Where there is no record with the external ID"
          value={connection.missingRecords}
          onChange={(value) => link.mutate(value)}
        >
          <Stack gap={6} mt={6}>
            <Radio value="create" label="Make one" disabled={!isAdmin} />
            <Radio value="link" label="Only link: park what comes until there is one" disabled={!isAdmin} />
          </Stack>
        </Radio.Group>
        {save.error && <Failed error={save.error} title="It was not saved" />}
        {save.data?.warnings.map((warning) => (
          <Alert key={warning} color="yellow" variant="light">
            {warning}
          </Alert>
        ))}
        <Group gap="xs">
          <Button variant="default" onClick={() => setIsShown(true)} loading={preview.isFetching && isShown}>
            Preview
          </Button>
          {mayChange && (
            <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate()}>
              Save the mapping
            </Button>
          )}
          {isChanged && (
            <Button variant="subtle" color="gray" onClick={() => setDraft(saved)}>
              Undo
            </Button>
          )}
        </Group>
        {isShown && preview.error && (
          <Failed error={preview.error} title="The preview did not work" again={() => void preview.refetch()} />
        )}
        {isShown && preview.data && <MatchPreview preview={preview.data} isBusy={preview.isFetching} />}
        <MatchAgain connection={connection} mayStart={mayChange} isChanged={isChanged} />
      </Stack>
    </Section>
  );
}

function sayMapping({ userIdFrom, accountIdFrom, level }: Draft): string {
  return `Users are recognised by ${userIdFrom ?? "visitorId"}, ${level}s by ${accountIdFrom ?? "accountId"}.`;
}

type Fields = NonNullable<Preview["fields"]>["visitors"];

type FieldProps = {
  label: string;
  own: string;
  value: string | null;
  disabled: boolean;
  fields: Fields | undefined;
  onChange: (field: string | null) => void;
};

/** The fields that Pendo has, each with how well it fits what is here; one can also be typed. */
function Field({ label, own, value, disabled, fields, onChange }: FieldProps) {
  const [typed, setTyped] = useState("");
  const known = (fields?.fields ?? []).map(({ field, matched, filled }) => ({
    value: field,
    label: `${field} – ${percent(matched)} match, ${percent(filled)} filled${field === fields?.suggested ? " (suggested)" : ""}`,
  }));
  const choices = new Map([[own, { value: own, label: `Pendo's own ${own}` }]]);
  for (const one of known) if (one.value !== own) choices.set(one.value, one);
  for (const one of [value, typed.trim()]) if (one && !choices.has(one)) choices.set(one, { value: one, label: one });
  return (
    <Select
      label={label}
      description={
        fields
          ? undefined
          : "Choose Pendo's own id, or type a field of its metadata, such as agent.email. Preview lists the fields with how well each fits."
      }
      maw={480}
      searchable
      disabled={disabled}
      allowDeselect={false}
      data={[...choices.values()]}
      value={value ?? own}
      onSearchChange={setTyped}
      nothingFoundMessage="Type the field's whole name"
      onChange={(next) => onChange(next === null || next === own ? null : next)}
    />
  );
}

const percent = (share: number) =>
  new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 }).format(share);

type Jobs = Static<typeof MatchJobs>;

function MatchAgain({
  connection: { id },
  mayStart,
  isChanged,
}: {
  connection: Connection;
  mayStart: boolean;
  isChanged: boolean;
}) {
  const jobs = useQuery({
    queryKey: ["match-jobs", id],
    queryFn: () => get<Jobs>(`/connections/${id}/match-jobs`),
    refetchInterval: ({ state }) => (state.data?.items.some((job) => job.state === "running") ? 1_000 : 15_000),
  });
  const changes = [["match-jobs", id]];
  const start = useAction(() => send("POST", `/connections/${id}/match-again`), { changes });
  const cancel = useAction(() => send("POST", `/connections/${id}/match-again/cancel`), {
    changes,
    done: "It stops after the batch it is in.",
  });
  const job = jobs.data?.items.find(({ kind, state }) => kind === "match-again" || state === "running");
  return (
    <div>
      <Group gap="sm">
        {mayStart && (
          <Button
            size="compact-sm"
            variant="default"
            disabled={job?.state === "running" || isChanged}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            Apply to what is already here
          </Button>
        )}
        <Text size="sm" c="dimmed">
          Everything recorded is matched again by the saved mapping. Applying the old one again undoes it.
        </Text>
      </Group>
      {job && (
        <Box mt="sm">
          {job.state === "running" ? (
            <JobProgress
              what={`${nameJob(job)}: ${job.step ?? "waiting for its turn"}`}
              done={job.done}
              total={job.total}
              message={job.message}
              onCancel={job.kind === "match-again" ? () => cancel.mutate() : undefined}
              isCancelling={cancel.isPending}
            />
          ) : (
            <Text size="sm" c="dimmed" role="status">
              {nameJob(job)}: {job.state} <Ago at={job.finishedAt} />
              {job.message && ` – ${job.message}`}
            </Text>
          )}
        </Box>
      )}
    </div>
  );
}

function nameJob({ kind }: Jobs["items"][number]): string {
  return kind === "match-again" ? "Matching again" : "Reading visitors and accounts from Pendo";
}
