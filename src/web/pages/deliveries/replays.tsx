// Replays of very many deliveries go on in the background: how far they are, and a way to stop them.
import { Paper } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Static } from "typebox";
import type { ReplayList } from "../../../contract/replay.ts";
import { get, send } from "../../api/call.ts";
import { JobProgress } from "../../parts/job-progress.tsx";
import { useAction } from "../../parts/use-action.ts";

type Replay = Static<typeof ReplayList>["items"][number];

export function Replays() {
  const replays = useQuery({
    queryKey: ["replays"],
    queryFn: () => get<Static<typeof ReplayList>>("/replays"),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === "running") ? 1_000 : 30_000),
  });
  const running = replays.data?.items.filter(({ state }) => state === "running") ?? [];
  return (
    <>
      {running.map((replay) => (
        <Running key={replay.id} replay={replay} />
      ))}
    </>
  );
}

function Running({ replay: { id, matched, total, message, madeBy } }: { replay: Replay }) {
  const cancel = useAction(() => send("POST", `/replays/${id}/cancel`), {
    changes: [["replays"]],
    done: "It stops; what has gone through has gone through.",
  });
  return (
    <Paper withBorder p="sm">
      <JobProgress
        what={`Replay of ${madeBy}`}
        done={matched}
        total={total}
        message={message}
        onCancel={() => cancel.mutate()}
        isCancelling={cancel.isPending}
      />
    </Paper>
  );
}
