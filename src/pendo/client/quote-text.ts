// Ids inside of Pendo's filter expressions. The grammar is not documented: what is known is strings in double quotes
// with backslash escapes, the backslash escaped first. Pendo is written in Go, whose strings know these escapes too.

const plainEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** What ends a string or may be dropped inside of one: controls, line separators, a byte order mark. */
const special = /["\\\p{Cc}\u2028\u2029\ufeff]/gu;

/** The text as a string of a filter expression. Throws on lone surrogates, which no filter can carry. */
export function quoteText(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("A text with lone surrogates cannot be asked for.");
  return `"${text.replace(special, escapeLetter)}"`;
}

function escapeLetter(letter: string): string {
  return plainEscapes[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
