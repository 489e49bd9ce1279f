import { Group, Select } from "@mantine/core";
import { send } from "../../api/call.ts";
import { useMe } from "../../api/use-me.ts";
import { Section } from "../../parts/section.tsx";
import { useAction } from "../../parts/use-action.ts";
import type { Report } from "./reports-section.tsx";

/** In words: "every hour", "every 12 hours". */
export const sayEvery = (hours: number) => (hours === 1 ? "every hour" : `every ${hours} hours`);

export const rhythms = [1, 3, 6, 12, 24].map((hours) => ({ value: String(hours), label: sayEvery(hours) }));
export const fates = [
  { value: "keep", label: "stay as they were" },
  { value: "clear", label: "are cleared" },
];

/** How often it is read, and what becomes of values that it has no longer. */
export function ReportRhythm({ report: { id, name, everyHours, vanished } }: { report: Report }) {
  const { may } = useMe();
  const changes = [["reports"], ["report"]];
  const save = useAction(
    (change: { everyHours: number } | { vanished: string }) => send<Report>("PATCH", `/reports/${id}`, change),
    {
      changes,
      done: (saved, change) =>
        "everyHours" in change
          ? `${name} is read ${sayEvery(saved.everyHours)} now.`
          : `Values that ${name} has no longer ${saved.vanished === "clear" ? "are cleared" : "stay"} from now on.`,
    },
  );
  const isFixed = !may("write") || save.isPending;
  return (
    <Section title="How it is synced">
      <Group>
        <Select
          label="Read"
          w={190}
          allowDeselect={false}
          disabled={isFixed}
          data={rhythms}
          value={String(everyHours)}
          onChange={(next) => next && save.mutate({ everyHours: Number(next) })}
        />
        <Select
          label="Values that vanish"
          w={190}
          allowDeselect={false}
          disabled={isFixed}
          data={fates}
          value={vanished}
          onChange={(next) => next && save.mutate({ vanished: next })}
        />
      </Group>
    </Section>
  );
}
