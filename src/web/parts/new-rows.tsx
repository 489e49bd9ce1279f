import { Affix, Button, Transition } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";

/** Tells a reader in the middle of a list that something has come, and waits for their word. */
export function NewRows({ isShown, onShow }: { isShown: boolean; onShow: () => void }) {
  return (
    <Affix position={{ top: 72, left: "50%" }} style={{ transform: "translateX(-50%)" }}>
      <Transition mounted={isShown}>
        {(styles) => (
          <Button
            size="xs"
            radius="xl"
            style={styles}
            leftSection={<IconArrowUp size={14} aria-hidden />}
            onClick={() => {
              onShow();
              window.scrollTo({ top: 0 });
            }}
          >
            New – show
          </Button>
        )}
      </Transition>
    </Affix>
  );
}
