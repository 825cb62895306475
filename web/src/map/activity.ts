// When a drawn zone is in force, from what its tile says; so that moving through time asks for nothing new.

export type Activity = "now" | "later" | "unknown" | "off";

export interface Timed {
  from?: number;
  to?: number;
  active?: string;
}

const LATER_S = 14 * 86_400;

/** Say whether a zone is in force at a moment, comes into force within a fortnight, or may be in force. */
export function activity(zone: Timed, at_s: number): Activity {
  const from = zone.from ?? -Infinity;
  const to = zone.to ?? Infinity;
  if (to < at_s) return "off";
  const starts = from > at_s;
  if (starts && from > at_s + LATER_S) return "off";
  if (zone.active === undefined) return starts ? "later" : "now";
  let found: Activity = "off";
  for (const span of zone.active.split(",").filter(Boolean)) {
    const isSure = !span.endsWith("?");
    const [start = -Infinity, end = Infinity] = (isSure ? span : span.slice(0, -1))
      .split("-")
      .map((minutes, end_) => (minutes === "" ? (end_ ? Infinity : -Infinity) : Number(minutes) * 60));
    // A span's ends are whole minutes, so the last one counts in full: drawn too long and never too short.
    if (!starts && start <= at_s && at_s < end + 60) {
      if (isSure) return "now";
      found = "unknown";
    } else if (found === "off" && end >= at_s && start <= at_s + LATER_S) {
      found = isSure ? "later" : "unknown";
    }
  }
  return found;
}
