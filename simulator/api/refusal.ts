/** A request that is answered with this status; the text is for whoever sent it, null for an empty body. */
export class Refusal extends Error {
  readonly status: number;
  readonly text: string | null;

  constructor(status: number, text: string | null) {
    super(text ?? `status ${status}`);
    this.status = status;
    this.text = text;
  }
}
