// How the pages are built. Paths are relative, so that they work below whatever path a proxy serves Plumbline at.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

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
  },
});
