import { Box, Group, Paper, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

type SectionProps = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean };

/** A card with a heading. `flush`: what is in it (a table) goes to the card's edges. */
export function Section({ title, lead, actions, children, flush = false }: SectionProps) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} withBorder radius="md" style={{ overflow: "hidden" }}>
      <Group justify="space-between" align="flex-start" gap="sm" px="md" pt="md" pb={flush ? "sm" : 0}>
        <Box miw={0} flex={1}>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead && (
            <Text c="dimmed" size="sm" mt={2} component="div">
              {lead}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      <Box p={flush ? 0 : "md"}>{children}</Box>
    </Paper>
  );
}
