import { Alert, Button, CopyButton, Group, TextInput } from "@mantine/core";
import { IconCheck, IconCopy, IconEyeOff } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** A link, key or address that is shown here and never again. */
export function ShownOnce({ label, text, children }: { label: string; text: string; children: ReactNode }) {
  return (
    <Alert color="teal" variant="light" icon={<IconEyeOff aria-hidden />} title="Shown once" role="status">
      {children}
      <Group gap="xs" mt="sm" wrap="nowrap" align="flex-end">
        <TextInput
          flex={1}
          readOnly
          label={label}
          value={text}
          classNames={{ input: "mono" }}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            >
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
