// The points of a shape: read ring by ring, moved, added and taken away. Every other ring and part stays as it is.
import type { Position, Shape } from "./content";

/** Where a point stands: in which part, in which of its rings (0 is the outline, more are holes), and which of its points. */
export interface Where {
  part: number;
  ring: number;
  point: number;
}
/** A ring without its last point, which repeats the first. */
export interface Ring {
  part: number;
  ring: number;
  points: Position[];
}
type Parts = Position[][][];

const LEAST_POINTS = 3;

export const keyOf = ({ part, ring, point }: Where): string => `${part}.${ring}.${point}`;

/** Read a key; what follows its last number does not count. */
export function whereOf(key: string): Where {
  const [part = 0, ring = 0, point = 0] = key.split(".").map((each) => Number.parseInt(each, 10));
  return { part, ring, point };
}

function partsOf(shape: Shape | null | undefined): Parts {
  if (shape?.type === "Polygon") return [shape.coordinates as Position[][]];
  return shape?.type === "MultiPolygon" ? (shape.coordinates as Parts) : [];
}

/** The same shape with other parts: its heights, and what else it has, stay. */
function withParts(shape: Shape, parts: Parts): Shape {
  const [only] = parts;
  return parts.length === 1 && only ? { ...shape, type: "Polygon", coordinates: only } : { ...shape, type: "MultiPolygon", coordinates: parts };
}

export function ringsOf(shape: Shape | null | undefined): Ring[] {
  return partsOf(shape).flatMap((rings, part) => rings.map((points, ring) => ({ part, ring, points: points.slice(0, -1) })));
}

function change(shape: Shape, { part, ring }: Omit<Where, "point">, to: (points: Position[]) => Position[]): Shape {
  const closed = (points: Position[]) => [...points, points[0]!];
  const parts = partsOf(shape).map((rings, p) => (p === part ? rings.map((points, r) => (r === ring ? closed(to(points.slice(0, -1))) : points)) : rings));
  return withParts(shape, parts);
}

export function moved(shape: Shape, where: Where, to: Position): Shape {
  return change(shape, where, (points) => points.map((each, n) => (n === where.point ? to : each)));
}

/** A point more, after this one. */
export function inserted(shape: Shape, where: Where, position: Position): Shape {
  return change(shape, where, (points) => points.toSpliced(where.point + 1, 0, position));
}

/** A point less; null where a ring has no more than it needs. */
export function removed(shape: Shape, where: Where): Shape | null {
  const ring = ringsOf(shape).find((each) => each.part === where.part && each.ring === where.ring);
  return ring && ring.points.length > LEAST_POINTS ? change(shape, where, (points) => points.toSpliced(where.point, 1)) : null;
}

/** Without a hole, or without a part if its outline is named; null where nothing would be left. */
export function without(shape: Shape, part: number, ring: number): Shape | null {
  const parts = partsOf(shape);
  const left = ring === 0 ? parts.toSpliced(part, 1) : parts.map((rings, p) => (p === part ? rings.toSpliced(ring, 1) : rings));
  return left.length > 0 ? withParts(shape, left) : null;
}

/** Halfway to the next point of the ring. */
export function between(ring: Ring, point: number): Position {
  const [[x, y], [u, v]] = [ring.points[point]!, ring.points[(point + 1) % ring.points.length]!];
  return [(x + u) / 2, (y + v) / 2];
}
