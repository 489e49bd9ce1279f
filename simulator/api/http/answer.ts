// An answer before it is sent. Long ones are made while they are sent, chunk by chunk.

export type Answer = {
  status: number;
  /** Null leaves the header out. */
  contentType: string | null;
  headers?: Readonly<Record<string, string>>;
  body: string | Iterable<string>;
};

/** Characters. Fewer writes than rows, and a bounded amount of memory however many rows there are. */
const chunkLength = 64 * 1024;

export function answerJson(value: unknown, status = 200): Answer {
  return { status, contentType: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

/** The real API's errors have no fixed schema; ours say what is wrong under `error`. Null is an empty body. */
export function answerError(status: number, message: string | null): Answer {
  return message === null ? { status, contentType: null, body: "" } : answerJson({ error: message }, status);
}

export function answerStream(contentType: string, pieces: Iterable<string>): Answer {
  return { status: 200, contentType, body: joinPieces(pieces) };
}

function* joinPieces(pieces: Iterable<string>): Iterable<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** The entries of a JSON list, between what comes before and after it; `empty` instead of a list without entries. */
export function* writeList(head: string, rows: Iterable<unknown>, tail: string, empty = "[]"): Iterable<string> {
  let isFirst = true;
  for (const row of rows) {
    yield `${isFirst ? `${head}[` : ","}${JSON.stringify(row)}`;
    isFirst = false;
  }
  yield isFirst ? `${head}${empty}${tail}` : `]${tail}`;
}
