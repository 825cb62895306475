// The service worker: the pages start without a network. It keeps pages and pictures of zones, and never an answer.
const SHELL = __SHELL__; // the build puts the pages and all they load here
const KEPT = `shell-${__DIGEST__}`;
const TILES = "tiles";
const MOST_TILES = 600;
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("shell-") && name !== KEPT;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  else if (url.pathname.startsWith("/tiles/")) event.respondWith(newestFirst(request, TILES));
  else if (SHELL.includes(url.pathname)) event.respondWith(newestFirst(request, KEPT));
});

async function keptFirst(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** What the network says if it says so soon; else what was kept. */
async function newestFirst(request, name) {
  const cache = await caches.open(name);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) {
      await cache.put(request, response.clone());
      if (name === TILES) await forget(cache);
    }
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: name === KEPT, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

async function forget(cache) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_TILES)).map((key) => cache.delete(key)));
}
