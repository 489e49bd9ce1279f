// What a button does: one call of the API, its word afterwards, and everything on the page that may have changed asked for again.
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { tellDone, tellFailed } from "./tell.ts";

type Options<Answer, Given> = {
  /** What is said when it went well; undefined: nothing is said, as the page shows it. */
  done?: string | ((answer: Answer, given: Given) => string | undefined);
  /** Keys of what is asked for again; all there is unless given. */
  changes?: readonly (readonly unknown[])[];
  onDone?: (answer: Answer, given: Given) => void;
  /** A form shows its errors itself. */
  isQuiet?: boolean;
};

export function useAction<Answer, Given = void>(
  act: (given: Given) => Promise<Answer>,
  { done, changes, onDone, isQuiet = false }: Options<Answer, Given> = {},
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (answer, given) => {
      if (changes) for (const queryKey of changes) void client.invalidateQueries({ queryKey });
      else void client.invalidateQueries();
      const message = typeof done === "function" ? done(answer, given) : done;
      if (message !== undefined) tellDone(message);
      onDone?.(answer, given);
    },
    onError: (error) => {
      if (!isQuiet) tellFailed(error);
    },
  });
}
