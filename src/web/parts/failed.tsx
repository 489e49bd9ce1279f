import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

type FailedProps = { error: unknown; again?: (() => void) | undefined; title?: string };

/** What went wrong, in the API's words, and a way to try again. */
export function Failed({ error, again, title = "This could not be loaded" }: FailedProps) {
  const message = error instanceof Error ? error.message : String(error);
  // A part of the pages that a newer build has replaced is not there any more.
  const isOld = /dynamically imported module|Importing a module script failed/i.test(message);
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title} my="md">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{isOld ? "Plumbline was updated while this page was open." : message}</Text>
        <Group gap="xs">
          {isOld ? (
            <Button size="xs" variant="default" onClick={() => location.reload()}>
              Load the new pages
            </Button>
          ) : (
            again && (
              <Button size="xs" variant="default" onClick={again}>
                Try again
              </Button>
            )
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
