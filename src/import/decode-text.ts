// Bytes become text, exactly or not at all: a character that was guessed would end up in somebody's name or, worse, in an id.
import { TextDecoder } from "node:util";
import { WrongFileError } from "./import.ts";

/** How a file may begin. Windows' spreadsheets write UTF-16 as "Unicode text", and mark UTF-8 in the same way. */
const marks: readonly [encoding: string, bytes: readonly number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The text of a file, piece by piece, without its mark. A mark counts more than `encoding`; without both it is UTF-8. */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of bytes) {
    if (decoder) yield decode(decoder, chunk);
    else {
      head = Buffer.concat([head, chunk]);
      if (head.length < 4) continue;
      decoder = createDecoder(findEncoding(head) ?? encoding ?? "utf-8");
      yield decode(decoder, head);
    }
  }
  if (decoder) yield decode(decoder);
  else yield decode(createDecoder(findEncoding(head) ?? encoding ?? "utf-8"), head, true);
}

/** Undefined where the bytes do not tell. In UTF-16 every second byte of ordinary text is zero. */
function findEncoding(head: Uint8Array): string | undefined {
  const marked = marks.find(([, mark]) => mark.every((byte, at) => head[at] === byte));
  if (marked) return marked[0];
  if (head[0] !== 0 && head[1] === 0) return "utf-16le";
  return head[0] === 0 && head[1] !== undefined && head[1] !== 0 ? "utf-16be" : undefined;
}

function createDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new WrongFileError(`The encoding ${JSON.stringify(encoding)} is not known; windows-1252, for example, is.`, {
      cause: error,
    });
  }
}

/** Without a chunk: the end. */
function decode(decoder: TextDecoder, chunk?: Uint8Array, isWhole = false): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined && !isWhole });
  } catch (error) {
    const other = decoder.encoding === "utf-8" ? "--encoding windows-1252" : "--encoding";
    throw new WrongFileError(
      `The file is not ${decoder.encoding.toUpperCase()}: save it as "CSV UTF-8", or say what it is, as in ${other}. Nothing was imported.`,
      { cause: error },
    );
  }
}
