import { createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#eaf5f3",
  "#d3e8e5",
  "#a8d3cd",
  "#74c4ba",
  "#4fa79d",
  "#348c83",
  "#267a72",
  "#1f655f",
  "#174f4a",
  "#0f3a36",
];

/** Mantine's greys of the dark scheme, from text to the deepest ground, a little towards the accent. */
const dark: MantineColorsTuple = [
  "#dbe3e0",
  "#c2ccc9",
  "#9aa6a2",
  "#74807c",
  "#46524e",
  "#323c39",
  "#27302d",
  "#1b2220",
  "#161c1a",
  "#101513",
];

const sans = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** One accent, one type scale, dense. Green, amber and red are for states only, and never without a word or a sign. */
export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 3 },
  colors: { teal, dark },
  fontFamily: sans,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: {
    fontFamily: sans,
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1.0625rem" }, h3: { fontSize: "0.9375rem" } },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});
