// What was entered to make a shape. The shape itself is made by the service's geometry tools, never here.
import { answered, client, type Schemas } from "../api/client";
import type { Position, Shape } from "./content";

export type Kind = "circle" | "coordinates" | "corridor" | "polygon";
export const UNITS = ["m", "km", "NM", "ft"] as const;
export type Unit = (typeof UNITS)[number];
export type Doubt = Schemas["CircleOut"]["doubts"][number];
export type Point = Schemas["CoordinatesOut"]["points"][number];

/** Texts as they were typed: the service reads them. */
export interface Tools {
  kind: Kind;
  centre: string;
  radius: number | null;
  text: string;
  rows: string[];
  each_side: number | null;
  uom: Unit;
}

export interface Made {
  geometry: Shape | null;
  doubts: Doubt[];
  points: Point[];
  largest_error_m: number;
  area_km2: number;
  aerodrome?: Schemas["AerodromeOut"] | null;
  total_width_m?: number;
}

export const EMPTY: Tools = { kind: "circle", centre: "", radius: null, text: "", rows: [], each_side: null, uom: "km" };
const MOST_ROWS = 60;

/** A position as the service reads it back exactly enough: a millionth of a degree is 0.1 m. */
export function written([lon, lat]: readonly number[]): string {
  const part = (value: number, plus: string, minus: string) => `${Math.abs(value).toFixed(6)}${value < 0 ? minus : plus}`;
  return `${part(lat ?? 0, "N", "S")} ${part(lon ?? 0, "E", "W")}`;
}

/** What could have been entered for a shape that is there already. */
export function toolsOf(shape: Shape | null): Tools {
  if (shape?.type === "Point" && shape.extent) {
    return { ...EMPTY, kind: "circle", centre: written(shape.coordinates as number[]), radius: shape.extent.radius, uom: "m" };
  }
  // Corners are one outline: a shape with holes or several parts is no polygon by corners.
  const rings = shape?.type === "Polygon" ? (shape.coordinates as number[][][]) : [];
  const ring = rings.length === 1 ? rings[0]?.slice(0, -1) : undefined;
  return ring && ring.length <= MOST_ROWS ? { ...EMPTY, kind: "polygon", rows: ring.map(written) } : EMPTY;
}

const ICAO = /^[A-Za-z]{4}$/;

/** Whether there is enough to ask for a shape. */
export function isReady(tools: Tools): boolean {
  const rows = tools.rows.filter((row) => row.trim() !== "");
  if (tools.kind === "circle") return tools.centre.trim() !== "" && (tools.radius ?? 0) > 0;
  if (tools.kind === "coordinates") return tools.text.trim() !== "";
  if (tools.kind === "corridor") return rows.length >= 2 && (tools.each_side ?? 0) > 0;
  return rows.length >= 3;
}

async function coordinates(text: string, reads: "area" | "line"): Promise<Schemas["CoordinatesOut"]> {
  return answered((signal) => client.POST("/v1/geometry-tools/coordinates", { body: { text, reads, order: "lat_lon", system: "auto" }, signal }));
}

/** Ask the service for the shape. Throws NoAnswer with its sentence where it refuses. */
export async function make(tools: Tools): Promise<Made> {
  if (tools.kind === "circle") return circle(tools);
  if (tools.kind === "coordinates") return (await coordinates(tools.text, "area")) as Made;
  const rows = tools.rows.filter((row) => row.trim() !== "");
  if (tools.kind === "polygon") return (await coordinates([...rows, rows[0]].join("\n"), "area")) as Made;
  const line = await coordinates(rows.join("\n"), "line");
  const stopped = line.doubts.some((each) => each.severity === "stop");
  const positions = (line.geometry as Shape | null)?.coordinates as Position[] | undefined;
  if (stopped || !positions) return { ...(line as Made), geometry: null };
  const body = { line: positions, each_side: tools.each_side ?? 0, uom: tools.uom };
  const made = await answered((signal) => client.POST("/v1/geometry-tools/corridor", { body, signal }));
  return { ...(made as unknown as Made), points: line.points, doubts: [...line.doubts, ...made.doubts] };
}

async function circle(tools: Tools): Promise<Made> {
  const size = { radius: tools.radius ?? 0, uom: tools.uom };
  const named = tools.centre.trim();
  if (ICAO.test(named)) {
    const made = await answered((signal) => client.POST("/v1/geometry-tools/circle", { body: { aerodrome: named, ...size }, signal }));
    return { ...(made as unknown as Made), points: [] };
  }
  const read = await coordinates(named, "area");
  const position = read.points[0]?.position as Position | undefined;
  const wrong = read.doubts.filter((each) => each.point !== null && each.point !== undefined);
  if (!position) return { ...(read as Made), geometry: null };
  const made = await answered((signal) => client.POST("/v1/geometry-tools/circle", { body: { centre: position, ...size }, signal }));
  return { ...(made as unknown as Made), points: [], doubts: [...wrong, ...made.doubts] };
}

/** One position as somebody wrote it, with what is doubtful in it; null where it cannot be read. */
export async function readPosition(text: string): Promise<{ position: Position | null; doubts: string[] }> {
  const read = await coordinates(text, "line");
  const position = read.points.length === 1 ? ((read.points[0]?.position as Position | null | undefined) ?? null) : null;
  const about = read.doubts.filter((each) => each.point !== null && each.point !== undefined);
  const doubts = (position || about.length > 0 ? about : read.doubts).map((each) => each.detail);
  return { position, doubts };
}

const outlines = new Map<string, Promise<GeoJSON.Geometry | null>>();

/** What a shape looks like on a map: a circle's outline comes from the service too. */
export function outlineOf(shape: Shape | null): Promise<GeoJSON.Geometry | null> {
  if (!shape) return Promise.resolve(null);
  const key = JSON.stringify([shape.type, shape.coordinates, shape.extent]);
  let found = outlines.get(key);
  if (!found) {
    found =
      shape.type === "Point" && shape.extent
        ? answered((signal) =>
            client.POST("/v1/geometry-tools/circle", { body: { centre: shape.coordinates as Position, radius: shape.extent?.radius ?? 0, uom: "m" }, signal }),
          ).then((said) => said.outline as GeoJSON.Geometry | null, () => null)
        : Promise.resolve(shape as unknown as GeoJSON.Geometry);
    outlines.set(key, found);
  }
  return found;
}

/** The box of a geometry: west, south, east, north. */
export function boxOf(geometry: GeoJSON.Geometry | null): number[] | null {
  const points: number[][] = [];
  const walk = (inside: unknown): void => {
    if (!Array.isArray(inside)) return;
    if (typeof inside[0] === "number") points.push(inside as number[]);
    else inside.forEach(walk);
  };
  if (geometry && "coordinates" in geometry) walk(geometry.coordinates);
  if (points.length === 0) return null;
  const [lons, lats] = [points.map((each) => each[0] ?? 0), points.map((each) => each[1] ?? 0)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** A place inside a polygon, for a link to it: the middle of its widest part at half its height. */
export function inside(geometry: GeoJSON.Geometry | null): Position | null {
  const rings = geometry?.type === "Polygon" ? geometry.coordinates : geometry?.type === "MultiPolygon" ? geometry.coordinates[0] : undefined;
  const box = boxOf(rings ? { type: "Polygon", coordinates: rings } : null);
  if (!rings || !box) return null;
  const lat = ((box[1] ?? 0) + (box[3] ?? 0)) / 2 + 1e-9;
  const crossings = rings
    .flatMap((ring) =>
      ring.slice(1).flatMap((to, n) => {
        const [[x = 0, y = 0] = [], [u = 0, v = 0]] = [ring[n], to];
        return y > lat === v > lat ? [] : [x + ((lat - y) / (v - y)) * (u - x)];
      }),
    )
    .sort((a, b) => a - b);
  const pairs = crossings.flatMap((west, n) => (n % 2 === 0 ? [[west, crossings[n + 1] ?? west] as const] : []));
  const widest = pairs.sort((a, b) => b[1] - b[0] - (a[1] - a[0]))[0];
  return widest ? [(widest[0] + widest[1]) / 2, lat] : null;
}
