// How the pages are built. Paths are relative, so that they work below whatever path a proxy serves Plumbline at.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Charts are not among them: few pages have some, and their library is the largest of all. */
const parts = /[\\/](src[\\/]web[\\/](parts|api)|node_modules[\\/](@mantine[\\/](core|hooks)|@tabler|clsx))[\\/]/;

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  logLevel: "warn",
  build: {
    outDir: "../../dist/web",
    emptyOutDir: true,
    // In a folder of its own: /assets has the few files of the pages around signing in.
    assetsDir: "app",
    // Pictures as files: the pages' policy has no data: for anything but pictures, and this keeps it that way.
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
    // What four pages and more are made of comes in one file. In one each, the start page had 31 files of 227 KiB with gzip
    // instead of 7 of 222: small ones compress badly, and each is a request. From three pages on it would be 6 of 226.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "parts", minShareCount: 4, test: parts }] } } },
  },
});
