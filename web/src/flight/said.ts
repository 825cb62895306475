// Legs and heights in words.
import type { Schemas } from "../api/client";
import { position } from "../words/position";
import { spoken } from "../words/spoken.svelte";
import type { Drawn, Place } from "./drawn";
import type { Interpretation, Leg } from "./route";

/** Metres as people read them: whole, or with a digit where that matters. */
export function metres(value: number): string {
  return String(Math.abs(value) < 10 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value));
}

/** A distance: “850 m”, “5.9 km”. */
export function distance(value: number): string {
  return value < 1000 ? `${Math.round(value)} m` : `${(value / 1000).toFixed(1)} km`;
}

export function heightInWords(height: Schemas["HeightOut"]): string {
  return `${metres(height.metres)} m ${spoken.t.flight.references[height.reference]}`;
}

/** From a height to another above ground: “0 – 120 m”. */
export function heightsInWords({ lower, upper }: { lower: number; upper: number | null }): string {
  return upper === null ? `${metres(lower)} m – ${spoken.t.noLimit}` : `${metres(lower)} – ${metres(upper)} m`;
}

export function boundsInWords(bounds: readonly number[] | null): string {
  if (bounds === null) return spoken.t.flight.anyHeight;
  const [low, high] = bounds.map(metres);
  return low === high ? `${low} m` : `${low} – ${high} m`;
}

export function legInWords(leg: Leg): string {
  const t = spoken.t.flight;
  if (leg.kind === "area") return t.inArea;
  if (leg.kind === "place") return t.overPlace;
  if (leg.kind === "around") return t.around(leg.points![0] + 1);
  return leg.points ? t.between(leg.points[0] + 1, leg.points[1] + 1) : t.between(leg.number + 1, leg.number + 2);
}

export function topInWords(leg: Leg): string {
  if (leg.upper === null) return spoken.t.flight.anyHeight;
  const own = heightInWords(leg.upper);
  return leg.upper.reference === "AGL" || !leg.top ? own : `${own} (${boundsInWords([Math.max(0, leg.top.low), Math.max(0, leg.top.high)])} ${spoken.t.flight.references.AGL})`;
}

const SHOWN = 12;
const positions = (points: Place[]) => points.slice(0, SHOWN).map((each) => position(...each)).join("; ") + (points.length > SHOWN ? "; …" : "");

/** Where a flight goes, for a letter. */
export function drawnInWords({ kind, points }: Drawn): string {
  const t = spoken.t.flight;
  if (points.length === 1) return positions(points);
  return kind === "area" ? t.areaThrough(positions(points)) : t.lineThrough(positions(points));
}

export function readInWords({ points, areas }: Interpretation): string {
  const t = spoken.t.flight;
  const parts = areas.map((rings) => t.areaThrough(positions(rings[0]!.slice(0, -1) as Place[])));
  if (points.length > 0) parts.unshift(t.lineThrough(positions(points.map((each) => each.position as Place))));
  return parts.join("; ");
}
