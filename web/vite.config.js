import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Three pages over one map. They are built into the package, which serves them; `npm run dev` asks a running service.
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../zones_api/pages",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy has no room for data: scripts and styles
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: ["index.html", "police.html"] },
  },
  optimizeDeps: { exclude: ["maplibre-gl"] },
  server: { proxy: { "^/(v1|tiles|health)/": "http://127.0.0.1:8318" } },
});
