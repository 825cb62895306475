// Shapes put together by the service: joined, cut out, kept within, cut along a line, or drawn to a neighbour.
import { answered, client, type Schemas } from "../api/client";
import type { Position, Shape } from "./content";
import type { Doubt, Part, Unit } from "./tools";

export const OPERATIONS = ["difference", "union", "clip", "split", "snap"] as const;
export type Operation = (typeof OPERATIONS)[number];
export type Neighbour = Schemas["NeighbourOut"];
type ShapeIn = Schemas["CombineIn"]["shapes"][number];

export interface Combined {
  geometry: Shape | null;
  doubts: Doubt[];
  before_km2: number;
  after_km2: number;
  largest_error_m: number;
  parts: Part[];
}

export const NEAR_KM = 5;

/** A shape as the tools take it: heights are not looked at. */
export function plain({ type, coordinates, extent }: Shape): ShapeIn {
  return { type, coordinates, ...(extent ? { extent } : {}) } as unknown as ShapeIn;
}

/** The published zones whose boxes come near a shape. */
export function neighboursOf(shape: Shape): Promise<Schemas["NeighboursOut"]> {
  const body = { shapes: [plain(shape)], within: NEAR_KM, uom: "km" as const };
  return answered((signal) => client.POST("/v1/geometry-tools/neighbours", { body, signal }));
}

/** Put a shape together with others. Throws NoAnswer with the service's sentence where it refuses. */
export async function combined(operation: Exclude<Operation, "split">, shape: Shape, others: Shape[], within: { within: number; uom: Unit }): Promise<Combined> {
  const [shapes, besides] = [[plain(shape)], others.map(plain)];
  const said = await answered((signal) => {
    if (operation === "snap") return client.POST("/v1/geometry-tools/snap", { body: { shapes, others: besides, ...within }, signal });
    return client.POST("/v1/geometry-tools/combine", { body: { operation, shapes, others: besides }, signal });
  });
  return { ...said, geometry: said.geometry as Shape | null, before_km2: said.area_before_km2, after_km2: said.area_km2, parts: [] };
}

export async function cut(shape: Shape, line: Position[]): Promise<Combined> {
  const said = await answered((signal) => client.POST("/v1/geometry-tools/split", { body: { shapes: [plain(shape)], line }, signal }));
  return { ...said, geometry: said.geometry as Shape | null, before_km2: said.area_km2, after_km2: said.area_km2, parts: said.parts as unknown as Part[] };
}
