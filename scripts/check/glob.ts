/** Matches whole paths: * stays inside of a name, ** goes over folders, {a,b} is a choice. */
export function createGlob(pattern: string): (path: string) => boolean {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\{[^{}]*\}|[^*{]+|\{/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part.startsWith("{") && part.endsWith("}"))
      return `(?:${part.slice(1, -1).split(",").map(escapeForRegExp).join("|")})`;
    return escapeForRegExp(part);
  });
  const expression = new RegExp(`^${source}$`);
  return (path) => expression.test(path);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
