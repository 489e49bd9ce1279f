import { Anchor, Box, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Static } from "typebox";
import type { NpsResponse as NpsResponseSchema } from "../../../contract/api.ts";
import { Ago } from "../../parts/ago.tsx";
import { Dotted } from "../../parts/dotted.tsx";
import { RecordLink } from "../../parts/record-link.tsx";
import { ScoreBadge } from "../../parts/score.tsx";

export type NpsResponse = Static<typeof NpsResponseSchema>;

/** One answer: score, words, who, account, when, guide. Of a page of fifty, those that stay are not drawn again. */
export const NpsCard = memo(function NpsCard({ response }: { response: NpsResponse }) {
  const { score, feedback, user, account, respondedAt, guide, deliveryId, pendo, channel } = response;
  return (
    <Paper withBorder px="sm" py={feedback ? "sm" : 6} component="article">
      <Group align={feedback ? "flex-start" : "center"} wrap="nowrap" gap="md">
        <Box w={44} flex="none">
          <ScoreBadge score={score} size="lg" />
        </Box>
        <Stack gap={4} flex={1} miw={0}>
          {feedback && (
            <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
              {feedback}
            </Text>
          )}
          <Text size="xs" c="dimmed" component="div" lh="24px">
            <Dotted>
              {user ? (
                <RecordLink level="user" record={user} />
              ) : (
                <Text span inherit c="var(--mantine-color-yellow-light-color)" title={pendo.visitorId || undefined}>
                  {nameNobody(pendo.visitorId)}
                </Text>
              )}
              {account && <RecordLink level="account" record={account} />}
              <Ago at={respondedAt} />
              {guide?.name}
              {channel}
              {deliveryId && (
                <Anchor component={Link} to={`/deliveries/${deliveryId}`} inherit c="dimmed">
                  delivery
                </Anchor>
              )}
            </Dotted>
          </Text>
        </Stack>
      </Group>
    </Paper>
  );
});

/** Who answered, where that is no user. */
function nameNobody(visitorId: string | null): string {
  if (!visitorId) return "no visitor id";
  // So Pendo calls visitors who have not signed in.
  return visitorId.startsWith("_PENDO_T_") ? "anonymous visitor" : `no user (${visitorId})`;
}
