import { OutgoingError } from "../../src/platform/outgoing/outgoing-error.ts";

/** The OutgoingError that `work` ends in. */
export async function catchOutgoingError(work: Promise<unknown>): Promise<OutgoingError> {
  const error = await work.then(
    (answer) => new Error(`It was answered: ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof OutgoingError) return error;
  throw error;
}
