import { Affix, Button, Transition } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useRef } from "react";
import { type News, sayNews } from "./compare-rows.ts";

type NewRowsProps = { of: { news: News | undefined; showNews: () => void } };

/** Tells a reader in the middle of a list how much has come, and waits for their word. */
export function NewRows({ of: { news, showNews } }: NewRowsProps) {
  // The words stay while the button goes.
  const said = useRef("");
  if (news) said.current = sayNews(news);
  return (
    <Affix position={{ top: 72, left: "50%" }} style={{ transform: "translateX(-50%)" }}>
      <Transition mounted={news !== undefined}>
        {(styles) => (
          <Button
            size="xs"
            radius="xl"
            style={styles}
            leftSection={<IconArrowUp size={14} aria-hidden />}
            onClick={() => {
              showNews();
              window.scrollTo({ top: 0 });
            }}
          >
            {said.current}
          </Button>
        )}
      </Transition>
    </Affix>
  );
}
