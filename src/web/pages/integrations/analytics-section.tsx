import { Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { Addresses } from "../../../contract/connections.ts";
import { get } from "../../api/call.ts";
import type { Connection } from "../../api/connections.ts";
import { useMe } from "../../api/use-me.ts";
import { CopyIcon } from "../../parts/copy.tsx";
import { Failed } from "../../parts/failed.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Section } from "../../parts/section.tsx";

/** Where clients of the Analytics API send to, and with which token. */
export function AnalyticsSection({ connection: { id } }: { connection: Connection }) {
  const { may } = useMe();
  const addresses = useQuery({
    queryKey: ["connections", id, "addresses"],
    queryFn: () => get<Static<typeof Addresses>>(`/connections/${id}/addresses`),
    enabled: may("admin"),
  });
  const first = addresses.data?.items[0];
  return (
    <Section title="Address and token" lead="Clients written for Vitally's Analytics API send here unchanged.">
      {!may("admin") ? (
        <Text size="sm" c="dimmed">
          Administrators see them.
        </Text>
      ) : addresses.error ? (
        <Failed error={addresses.error} again={() => void addresses.refetch()} />
      ) : !addresses.data ? (
        <Loading lines={2} />
      ) : first ? (
        <Stack gap="xs">
          {[first.url, `Authorization: Basic ${first.token}`].map((text) => (
            <Group key={text} gap="xs" wrap="nowrap">
              <Code fz="sm" style={{ overflowWrap: "anywhere" }}>
                {text}
              </Code>
              <CopyIcon text={text} />
            </Group>
          ))}
        </Stack>
      ) : (
        <Text size="sm">The token was made before tokens were kept. It goes on working, and cannot be shown.</Text>
      )}
    </Section>
  );
}
