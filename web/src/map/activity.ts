// When a drawn zone is in force, from what its tile says; so that moving through time asks for nothing new.

export type Activity = "now" | "later" | "unknown" | "off";

export interface Timed {
  from?: number;
  to?: number;
  active?: string;
}

const DAY_S = 86_400;
const LATER_S = 14 * DAY_S;
/** The days around today that a tile surely tells, whichever of them it was drawn on; see docs/map-data.md. */
const TOLD_S = { before: 30 * DAY_S, after: 28 * DAY_S };

/** Say whether tiles tell what is in force at a moment: zones that were over before are not in them. */
export function isTold(at_s: number): boolean {
  const today_s = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S;
  return at_s >= today_s - TOLD_S.before && at_s <= today_s + TOLD_S.after;
}

/** Say whether a zone is in force at a moment, comes into force within a fortnight, or may be in force. */
export function activity(zone: Timed, at_s: number): Activity {
  const from = zone.from ?? -Infinity;
  const to = zone.to ?? Infinity;
  if (to < at_s) return "off";
  const starts = from > at_s;
  if (starts && from > at_s + LATER_S) return "off";
  if (zone.active === undefined) return starts ? "later" : "now";
  if (!isTold(at_s)) return "unknown";
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
