import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const BESIDE = ["/", "/police", "/authority", "/icon.svg", "/manifest.webmanifest", "/police.webmanifest"];

/** Write the service worker with the list of all that the build made, so that it can be kept. */
const serviceWorker = {
  name: "service-worker",
  apply: "build",
  generateBundle(_options, bundle) {
    const made = Object.keys(bundle).filter((name) => !name.endsWith(".html")).map((name) => `/${name}`).sort();
    const shell = JSON.stringify([...BESIDE, ...made]);
    const source = readFileSync(new URL("src/offline/worker.js", import.meta.url), "utf-8")
      .replace("__SHELL__", shell)
      .replace("__DIGEST__", JSON.stringify(createHash("sha256").update(shell).digest("hex").slice(0, 12)));
    this.emitFile({ type: "asset", fileName: "sw.js", source });
  },
};

// Three pages over one map. They are built into the package, which serves them; `npm run dev` asks a running service.
export default defineConfig({
  plugins: [svelte(), serviceWorker],
  build: {
    outDir: "../zones_api/pages",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy has no room for data: scripts and styles
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: ["index.html", "police.html", "authority.html"], checks: { pluginTimings: false } },
  },
  optimizeDeps: { exclude: ["maplibre-gl"] },
  server: { proxy: { "^/(v1|tiles|health)/": "http://127.0.0.1:8318" } },
});
