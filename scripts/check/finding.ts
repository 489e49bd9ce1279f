export type SourceFile = {
  /** Below the repository's root, with slashes. */
  path: string;
  text: string;
};

export type Finding = { path: string; line: number; problem: string };

/** The line of a place in a text, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
