// The time that passes while an answer stands on a page: it looks again every few seconds, and when the page is seen again.
const EVERY_MS = 5_000;

class Ticking {
  now_ms = $state(Date.now());

  constructor() {
    const look = () => (this.now_ms = Date.now());
    setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
  }
}

export const ticking = new Ticking();
