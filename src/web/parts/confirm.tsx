// Asks before something that changes much, and says what will happen.
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type ReactNode, useState } from "react";

type Question = {
  title: string;
  says: ReactNode;
  action: string;
  /** What nothing undoes is asked for by its name, which has to be typed. */
  name?: string;
  cancel?: string;
  isDanger?: boolean;
};

export function confirm({ onYes, ...question }: Question & { onYes: () => void }): void {
  void ask(question).then((isSure) => isSure && onYes());
}

/** False, too, where the question is closed without an answer. */
export function ask({ title, ...question }: Question): Promise<boolean> {
  return new Promise((answer) => {
    const id = modals.open({
      title: (
        <Text span fw={650}>
          {title}
        </Text>
      ),
      closeButtonProps: { "aria-label": "Close" },
      // Closing comes after the answer, if there was one.
      onClose: () => answer(false),
      children: (
        <Answers
          {...question}
          onYes={() => {
            answer(true);
            modals.close(id);
          }}
          onNo={() => modals.close(id)}
        />
      ),
    });
  });
}

type AnswersProps = Omit<Question, "title"> & { onYes: () => void; onNo: () => void };

function Answers({ says, action, name, cancel = "Cancel", isDanger = true, onYes, onNo }: AnswersProps) {
  const [typed, setTyped] = useState("");
  const isSure = name === undefined || typed.trim() === name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isSure) onYes();
      }}
    >
      <Stack>
        <Text size="sm" component="div">
          {says}
        </Text>
        {name !== undefined && (
          <TextInput
            label={
              <>
                To go on, type <span className="mono">{name}</span>
              </>
            }
            autoComplete="off"
            data-autofocus
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onNo}>
            {cancel}
          </Button>
          <Button type="submit" disabled={!isSure} {...(isDanger && { color: "red" })}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
