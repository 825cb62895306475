// The time as it runs on, for what grows old while it is looked at.
import { createSubscriber } from "svelte/reactivity";

const EVERY_MS = 5_000;

const follow = createSubscriber((update) => {
  const every = setInterval(update, EVERY_MS);
  document.addEventListener("visibilitychange", update); // timers sleep where a page is not seen
  return () => {
    clearInterval(every);
    document.removeEventListener("visibilitychange", update);
  };
});

/** This moment, in milliseconds; what rests on it is computed again every few seconds. */
export function runningNow(): number {
  follow();
  return Date.now();
}
