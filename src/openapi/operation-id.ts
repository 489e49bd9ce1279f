// What an operation is called in clients that are generated: told from its method and path, so that a new route has a name.

const verbs: Readonly<Record<string, string>> = { post: "create", put: "set", patch: "change", delete: "remove" };

/** Where the path does not say it. */
const names: Readonly<Record<string, string>> = { "post /session": "signIn", "delete /session": "signOut" };

/** `get /users` → listUsers, `get /users/{id}` → getUser, `post /reports/{id}/sync` → syncReport. */
export function nameOperation(method: string, path: string, isList: boolean): string {
  const given = names[`${method} ${path}`];
  if (given !== undefined) return given;
  const parts = path.split("/").filter((part) => part !== "");
  const isParameter = (part: string | undefined) => part?.startsWith("{") ?? false;
  const words = parts.filter((part) => !isParameter(part)).map(toPascal);
  const last = parts.at(-1);
  if (last?.endsWith(".csv"))
    return `export${toPascal(words.map(single).slice(0, -1).join("") + words.at(-1)!.replace(/Csv$/, ""))}`;
  // A word behind a parameter that is no list is what is done: rotate, sync, cancel.
  if (method === "post" && isParameter(parts.at(-2)) && !last!.endsWith("s"))
    return lowerFirst(words.at(-1)!) + words.slice(0, -1).map(single).join("");
  if (method === "get" && isList && !isParameter(last))
    return `list${[...words.slice(0, -1).map(single), words.at(-1)].join("")}`;
  if (method === "delete" && !isParameter(last))
    return `remove${[...words.slice(0, -1).map(single), words.at(-1)].join("")}`;
  return (verbs[method] ?? "get") + words.map(single).join("");
}

function toPascal(text: string): string {
  return text.replace(/(^|[-.])(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase());
}

function single(word: string): string {
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

function lowerFirst(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}
