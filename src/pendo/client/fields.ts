// Which groups of metadata are to be read so that the wanted fields can be looked up in them.

/** Fields as a mapping names them (`agent.email`, or a bare name, which may be in any group), or everything. */
export type Fields = "all" | readonly string[];

/** Names that can stand in an expression as they are. Others are not worth guessing at Pendo's grammar: all is read. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The groups of the fields without repetition; "all" where one of them may be in any. */
export function listGroups(fields: Fields): "all" | readonly string[] {
  if (fields === "all") return "all";
  const groups = new Set<string>();
  for (const field of fields) {
    const dot = field.indexOf(".");
    const group = field.slice(0, Math.max(dot, 0));
    if (dot < 1 || !plainName.test(group)) return "all";
    groups.add(group);
  }
  return [...groups];
}
