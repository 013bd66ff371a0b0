import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// In development the page comes from Vite and everything it asks for from a running `onefold serve`.
const server = "http://127.0.0.1:8420";

/** A page's chunk is called after the page, so that `npm run size` can tell what a first view needs. */
function nameChunk(chunk: { facadeModuleId?: string | null }): string {
  const page = chunk.facadeModuleId?.match(/pages\/([^/]+)\/(\w+)\.tsx$/);
  return page ? `assets/${page[1]}-${page[2]}-[hash].js` : "assets/[name]-[hash].js";
}

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    target: "es2022",
    // The content security policy allows no data: scripts or fonts, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { output: { chunkFileNames: nameChunk } },
  },
  server: { host: "127.0.0.1", proxy: { "/api": server, "/open": server } },
});
