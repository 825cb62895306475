// The ground below a flight, for its picture: by the service's terrain model, else flat.
import type { Answer } from "../api/client";
import type { Leg } from "./route";

export interface Ground {
  /** Where it is known along the flight, metres. */
  marks: number[];
  /** Metres above sea level; 0 all along where it is not known. */
  at: (metres: number) => number;
  low: number;
  high: number;
  /** By how many metres at most it may be off in those places; null where it is not known and drawn flat. */
  off: number | null;
}

/** A height to draw: above the ground, above sea level, or without limit. */
export type Edge = { agl: number } | { amsl: number } | null;

export const FLAT: Ground = { marks: [], at: () => 0, low: 0, high: 0, off: null };

/** Return the ground along the legs; flat unless all of them are ways and it is known all along them. */
export function groundOf(answer: Answer, legs: readonly Leg[]): Ground {
  const along = answer.ground;
  if (!along || legs.some((leg) => leg.kind !== "way" || !along[leg.number]?.length)) return FLAT;
  const found = legs.flatMap((leg) => along[leg.number]!.map((each) => ({ at: Math.min(leg.from_m + each.distance_m, leg.to_m), elevation: each.elevation_m })));
  if (found.some(({ elevation }) => elevation === null)) return FLAT;
  const known = found.map(({ at, elevation }) => ({ at, low: elevation![0]!, high: elevation![1]! })).sort((a, b) => a.at - b.at);
  const middle = ({ low, high }: { low: number; high: number }) => (low + high) / 2;
  const at = (metres: number): number => {
    const after = known.findIndex((each) => each.at >= metres);
    if (after <= 0) return middle(known.at(after)!);
    const [a, b] = [known[after - 1]!, known[after]!];
    const part = b.at > a.at ? (metres - a.at) / (b.at - a.at) : 0;
    return middle(a) + part * (middle(b) - middle(a));
  };
  const heights = known.map(middle);
  return {
    marks: known.map((each) => each.at),
    at,
    low: Math.min(...heights),
    high: Math.max(...heights),
    off: Math.max(...known.map(({ low, high }) => (high - low) / 2)),
  };
}
