// An answered flight along its way: what is drawn of it on the map, in the profile and in the list of its legs.
// It places what the answer says, and decides nothing.
import type { Answer, Flight, Schemas, Zone } from "../api/client";
import type { Drawn, Place } from "./drawn";

export type Interpretation = Flight["interpretation"];

/** A leg of the answer's question. `top` is its highest point above ground; null where only its own reference is known. */
export interface Leg {
  number: number;
  kind: "way" | "around" | "area" | "place";
  points: [number, number] | null;
  line: Place[];
  from_m: number;
  to_m: number;
  top: { low: number; high: number } | null;
  upper: Schemas["HeightOut"] | null;
  zones: Zone[];
}

/** Where a leg is in a zone, along the flight and in metres above ground; an upper end of null is without limit. */
export interface Slab {
  zone: Zone;
  leg: Leg;
  isCertain: boolean;
  from_m: number;
  to_m: number;
  limits: { lower: number; upper: number | null };
  inside: { lower: number; upper: number | null };
}

const EARTH_M = 6_371_009;

/** Metres between two places, for a picture: on a sphere, to half a per cent. */
function apart_m([lon1, lat1]: Place, [lon2, lat2]: Place): number {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, a)));
}

/** Return the legs of an answer, one after the other; those of a file stand at the points that they join. */
export function legsOf(answer: Answer, read: Interpretation | null): Leg[] {
  const { question, zones } = answer.assessment;
  const positions = (read?.points ?? []).map((each) => each.position as Place);
  const along = positions.map(() => 0);
  for (let number = 1; number < positions.length; number++) {
    along[number] = along[number - 1]! + apart_m(positions[number - 1]!, positions[number]!);
  }
  let end_m = 0;
  return question.legs.map((leg, number) => {
    const upper = (leg.heights ?? question.heights).upper;
    const met = zones.filter((zone) => zone.legs.includes(number));
    const span = (read?.legs[number] as [number, number] | null | undefined) ?? null;
    const common = { number, upper, zones: met, top: topOf(upper, read, span), points: span };
    const ends = leg.ends as Place[];
    if (span) {
      const [first, last] = span;
      end_m = Math.max(end_m, along[last]!);
      const kind = first === last ? (read!.points.length === 1 ? "place" : "around") : "way";
      return { ...common, kind, line: positions.slice(first, last + 1), from_m: along[first]!, to_m: along[last]! };
    }
    const from_m = end_m;
    if (ends.length === 2) end_m += apart_m(ends[0]!, ends[1]!);
    return { ...common, kind: ends.length === 2 ? "way" : ends.length === 1 ? "place" : "area", line: ends, from_m, to_m: end_m };
  });
}

function topOf(upper: Schemas["HeightOut"] | null, read: Interpretation | null, span: [number, number] | null): Leg["top"] {
  if (upper === null) return null;
  if (upper.reference === "AGL") return { low: upper.metres, high: upper.metres };
  if (!read || !span) return null;
  const highest = read.points
    .slice(span[0], span[1] + 1)
    .filter((each) => each.height?.reference === upper.reference && each.above_ground_m)
    .map((each) => each.above_ground_m as [number, number]);
  if (highest.length === 0) return null;
  return { low: Math.max(...highest.map(([low]) => low)), high: Math.max(...highest.map(([, high]) => high)) };
}

/** Return where the legs are in zones, the worst zone first. */
export function slabsOf(answer: Answer, legs: Leg[]): Slab[] {
  return answer.assessment.zones.flatMap((zone) =>
    zone.encounters.flatMap((met): Slab[] => {
      const leg = legs[met.leg]!;
      const { lower, upper, doubt } = zone.limits;
      const common = {
        zone,
        leg,
        isCertain: met.applies === "yes" && zone.applies === "yes",
        limits: {
          lower: lower === null || doubt ? 0 : Math.max(0, lower.above_ground_here_m[0]!),
          upper: upper === null || doubt ? null : upper.above_ground_here_m[1]!,
        },
        inside: met.heights_above_ground_m,
      };
      const along = (metres: number) => Math.min(leg.from_m + metres, leg.to_m);
      if (leg.kind !== "way" || met.passages.length === 0) return [{ ...common, from_m: leg.from_m, to_m: leg.to_m }];
      return met.passages.map(({ entry, exit }) => ({ ...common, from_m: along(entry.distance_m), to_m: along(exit.distance_m) }));
    }),
  );
}

/** Say whether the absence of a zone means something in this answer. */
export function isComplete(answer: Answer): boolean {
  return answer.assessment.complete && answer.stale.length === 0;
}

/** The word of a leg, as the service answers it by itself. */
export function wordOf(leg: Leg, answer: Answer): string {
  return answer.legs[leg.number]?.verdict ?? "UNKNOWN";
}

type Feature = GeoJSON.Feature;
const feature = (geometry: GeoJSON.Geometry, properties: Record<string, string>): Feature => ({ type: "Feature", geometry, properties });
const dots = (points: Place[]) => points.map((each) => feature({ type: "Point", coordinates: each }, { kind: "point" }));

/** What is drawn of a flight that is being drawn. */
export function sketch({ kind, points }: Drawn): GeoJSON.FeatureCollection {
  const ring = kind === "area" && points.length > 2 ? [feature({ type: "Polygon", coordinates: [[...points, points[0]!]] }, { kind: "area" })] : [];
  const line = ring.length === 0 && points.length > 1 ? [feature({ type: "LineString", coordinates: points }, { kind: "leg" })] : [];
  return { type: "FeatureCollection", features: [...ring, ...line, ...dots(points)] };
}

/**
 * What is drawn of an answered flight: the mildest legs first, so that the worst lie on top. Until the answer is told
 * beside it, the flight has no colours: none stands without its word.
 */
export function picture(answer: Answer, isTold: boolean, legs: Leg[], areas: number[][][][], points: Place[]): GeoJSON.FeatureCollection {
  const said = (leg: Leg | undefined): Record<string, string> => {
    const word = leg ? wordOf(leg, answer) : "UNKNOWN";
    return word === "NO_ZONE_FOUND" || !isTold ? {} : { word };
  };
  const ofAreas = legs.filter((leg) => leg.kind === "area");
  const found = areas.map((rings, number) => feature({ type: "Polygon", coordinates: rings }, { kind: "area", ...said(ofAreas[number]) }));
  const worst = (leg: Leg) => (leg.zones.length === 0 ? Infinity : answer.assessment.zones.indexOf(leg.zones[0]!));
  const ways = legs
    .filter((leg) => leg.kind === "way")
    .sort((a, b) => worst(b) - worst(a))
    .map((leg) => feature({ type: "LineString", coordinates: leg.line }, { kind: "leg", ...said(leg) }));
  return { type: "FeatureCollection", features: [...found, ...ways, ...dots(points)] };
}

/** The box around the whole question: west, south, east, north. */
export function boxOf(answer: Answer): [number, number, number, number] {
  const boxes = answer.assessment.question.legs.map((leg) => leg.bounds);
  const side = (at: number, pick: (...values: number[]) => number) => pick(...boxes.map((box) => box[at]!));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}
