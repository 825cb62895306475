// The layers of a zone: one shape through heights, or several together, each with heights of its own.
import { GROUND_TO_120, type Layer, type Shape } from "./content";
import { outlineOf } from "./tools";

interface Collection extends Shape {
  geometries: Shape[];
}
const isCollection = (shape: Shape): shape is Collection => shape.type === "GeometryCollection";

/** The parts of a zone's geometry, in their order. */
export const partsOf = (shape: Shape | null | undefined): Shape[] => (!shape ? [] : isCollection(shape) ? (shape.geometries ?? []) : [shape]);

/** The pointer of a part's heights, below that of the geometry. */
export const layerOf = (shape: Shape | null | undefined, part: number): string => (shape && isCollection(shape) ? `/geometries/${part}/layer` : "/layer");

/** The geometry of parts: a collection where there are several. */
const joined = (parts: Shape[]): Shape | null => (parts.length > 1 ? ({ type: "GeometryCollection", geometries: parts } as Collection) : (parts[0] ?? null));

/** The same with one more layer: the last part's shape, from its top on. */
export function withLayer(shape: Shape): Shape | null {
  const parts = partsOf(shape);
  const last = parts.at(-1);
  if (!last) return shape;
  const below = last.layer ?? GROUND_TO_120;
  const layer: Layer = { uom: below.uom ?? "m", ...(below.upper === undefined ? {} : { lower: below.upper, lowerReference: below.upperReference ?? "AGL" }) };
  return joined([...parts, { ...last, layer }]);
}

export const withoutLayer = (shape: Shape, part: number): Shape | null => joined(partsOf(shape).filter((_, n) => n !== part));

/** What all parts together look like on a map. */
export async function outlineOfAll(shape: Shape | null): Promise<GeoJSON.Geometry | null> {
  const parts = partsOf(shape);
  if (parts.length < 2) return outlineOf(shape);
  const outlines = await Promise.all(parts.map(outlineOf));
  const polygons = outlines.flatMap((each) => (each?.type === "Polygon" ? [each.coordinates] : each?.type === "MultiPolygon" ? each.coordinates : []));
  return polygons.length > 0 ? { type: "MultiPolygon", coordinates: polygons } : null;
}
