// What an error of the database means for whoever asked: try the same again, wait for the server, or look at the data.

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/**
 * Serialization failure, deadlock, or a reference to a row that was there when it was looked up, and has been deleted since: the
 * same transaction may succeed at once.
 */
export function isWorthRetrying(error: unknown): boolean {
  return ["40001", "40P01", "23503"].includes(codeOf(error));
}

/**
 * The database is away, full, stopping, or overtaxed: nothing is wrong with the data, later the same will work.
 * Anything else (a value that PostgreSQL refuses, a broken constraint) is about the data.
 */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  if (/^(08|53|57(?!014)|58|25006|25P0[23]|55P03|40)/.test(code)) return true;
  if (/^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_|ENOTFOUND|EACCES)/.test(code)) return true;
  if (code !== "" || !(error instanceof Error)) return false;
  return /connection terminated|timeout exceeded when trying to connect|connection timeout|client (was closed|has encountered)|not queryable|cannot use a pool after|Connection ended/i.test(
    error.message,
  );
}

/** Bytes that were to become text are none: no UTF-8, or U+0000 among them. */
export function isUnreadableText(error: unknown): boolean {
  return codeOf(error) === "22021";
}

/** PostgreSQL refused a value: of a wrong form, or against a constraint. */
export function isAboutData(error: unknown): boolean {
  return /^(22|23)/.test(codeOf(error));
}
