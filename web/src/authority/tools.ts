// What was entered to make a shape. The shape itself is made by the service's geometry tools, never here.
import { answered, client, type Schemas } from "../api/client";
import type { Position, Shape } from "./content";

export type Kind = "circle" | "coordinates" | "corridor" | "polygon" | "runway" | "rings";
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
  thresholds: [string, string];
  around: number | null;
  approach: Approach;
  radii: (number | null)[];
}

/** A trapezoid before a threshold; without a length there is none. */
export interface Approach {
  length: number | null;
  half_width: number | null;
  splay: number | null;
  splay_in: "percent" | "deg";
  starts: number | null;
  ends: "both" | "first" | "second";
}

export interface Made {
  geometry: Shape | null;
  doubts: Doubt[];
  points: Point[];
  largest_error_m: number;
  area_km2: number;
  aerodrome?: Schemas["AerodromeOut"] | null;
  total_width_m?: number;
  length_m?: number;
  bearing_deg?: number;
  parts?: Part[];
}

export interface Part {
  name: string;
  geometry: Shape;
  area_km2: number;
}

export const EMPTY: Tools = {
  kind: "circle",
  centre: "",
  radius: null,
  text: "",
  rows: [],
  each_side: null,
  uom: "km",
  thresholds: ["", ""],
  around: null,
  approach: { length: null, half_width: null, splay: null, splay_in: "percent", starts: null, ends: "both" },
  radii: [null, null],
};
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

/** Whether a shape is what these would draw, as far as that can be read off it. */
export function isDrawnBy(tools: Tools, shape: Shape): boolean {
  const of = toolsOf(shape);
  const part = ({ kind, centre, radius, rows }: Tools) => JSON.stringify(kind === "circle" ? [kind, centre, radius] : [kind, rows]);
  return (of.centre !== "" || of.rows.length > 0) && part(of) === part(tools);
}

const ICAO = /^[A-Za-z]{4}$/;

/** Whether there is enough to ask for a shape. */
export function isReady(tools: Tools): boolean {
  const rows = tools.rows.filter((row) => row.trim() !== "");
  if (tools.kind === "circle") return tools.centre.trim() !== "" && (tools.radius ?? 0) > 0;
  if (tools.kind === "coordinates") return tools.text.trim() !== "";
  if (tools.kind === "rings") return tools.centre.trim() !== "" && tools.radii.length > 1 && tools.radii.every((each) => (each ?? 0) > 0);
  if (tools.kind === "runway") {
    const { length, half_width, splay } = tools.approach;
    const hasApproach = (length ?? 0) > 0;
    const isWhole = !hasApproach || (half_width !== null && splay !== null);
    return tools.thresholds.every((each) => each.trim() !== "") && ((tools.around ?? 0) > 0 || hasApproach) && isWhole;
  }
  if (tools.kind === "corridor") return rows.length >= 2 && (tools.each_side ?? 0) > 0;
  return rows.length >= 3;
}

export async function coordinates(text: string, reads: "area" | "line"): Promise<Schemas["CoordinatesOut"]> {
  return answered((signal) => client.POST("/v1/geometry-tools/coordinates", { body: { text, reads, order: "lat_lon", system: "auto" }, signal }));
}

/** Ask the service for the shape. Throws NoAnswer with its sentence where it refuses. */
export async function make(tools: Tools): Promise<Made> {
  if (tools.kind === "circle") return centred(tools, { radius: tools.radius ?? 0, uom: tools.uom }, (body) => answered((signal) => client.POST("/v1/geometry-tools/circle", { body, signal })));
  if (tools.kind === "rings") return centred(tools, { radii: tools.radii.map((each) => each ?? 0), uom: tools.uom }, (body) => answered((signal) => client.POST("/v1/geometry-tools/ring", { body, signal })));
  if (tools.kind === "coordinates") return (await coordinates(tools.text, "area")) as Made;
  const rows = tools.rows.filter((row) => row.trim() !== "");
  if (tools.kind === "polygon") return (await coordinates([...rows, rows[0]].join("\n"), "area")) as Made;
  if (tools.kind === "runway") return along(tools.thresholds, ([first, second]) => answered((signal) => client.POST("/v1/geometry-tools/runway", { body: runway(tools, [first!, second!]), signal })));
  return along(rows, (line) => answered((signal) => client.POST("/v1/geometry-tools/corridor", { body: { line, each_side: tools.each_side ?? 0, uom: tools.uom }, signal })));
}

/** Read the points of a line, then draw along them; a point that cannot be read stops it. */
async function along(rows: readonly string[], drawn: (line: Position[]) => Promise<{ doubts: Doubt[] }>): Promise<Made> {
  const line = await coordinates(rows.join("\n"), "line");
  const stopped = line.doubts.some((each) => each.severity === "stop");
  const positions = (line.geometry as Shape | null)?.coordinates as Position[] | undefined;
  if (stopped || !positions) return { ...(line as Made), geometry: null };
  const made = await drawn(positions);
  return { ...(made as unknown as Made), points: line.points, doubts: [...line.doubts, ...made.doubts] };
}

function runway({ around, approach, uom }: Tools, thresholds: [Position, Position]): Schemas["RunwayIn"] {
  const { length, half_width, splay, splay_in, starts, ends } = approach;
  const trapezoid = { length: length ?? 0, half_width: half_width ?? 0, [`splay_${splay_in}`]: splay ?? 0, starts: starts ?? 0, ends };
  return { thresholds, uom, ...((around ?? 0) > 0 ? { around } : {}), ...((length ?? 0) > 0 ? { approach: trapezoid } : {}) };
}

type Centred = { aerodrome: string } | { centre: Position };

/** Draw around an aerodrome by its code, or around a position in words. */
async function centred<Size>({ centre }: Tools, size: Size, drawn: (body: Centred & Size) => Promise<{ doubts: Doubt[] }>): Promise<Made> {
  const named = centre.trim();
  if (ICAO.test(named)) return { ...((await drawn({ aerodrome: named, ...size })) as unknown as Made), points: [] };
  const read = await coordinates(named, "area");
  const position = read.points[0]?.position as Position | undefined;
  if (!position) return { ...(read as Made), geometry: null };
  // A centre is read as the one corner of an area: that this is too few is not wrong with it.
  const wrong = read.doubts.filter((each) => typeof each.point === "number" && each.severity !== "stop");
  const made = await drawn({ centre: position, ...size });
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

/** The middle of a shape's box: where its sunrise and sunset are meant. */
export function middleOf(shape: Shape | null | undefined): [number, number] | undefined {
  const parts = shape?.type === "GeometryCollection" ? ((shape as unknown as { geometries: GeoJSON.Geometry[] }).geometries ?? []) : [shape as unknown as GeoJSON.Geometry | null | undefined];
  const boxes = parts.map((each) => boxOf(each ?? null)).filter((each) => each !== null);
  if (boxes.length === 0) return undefined;
  const edge = (n: number, of: (...each: number[]) => number) => of(...boxes.map((box) => box[n] ?? 0));
  return [(edge(0, Math.min) + edge(2, Math.max)) / 2, (edge(1, Math.min) + edge(3, Math.max)) / 2];
}
