// What the map looks like. Colour is the rule, pattern is time or certainty, a dark line goes around everything.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

import { NAMES } from "./names";
import { COLOURS, MILDEST_FIRST, OTHER } from "./palette";

export const ZONES = "zones";
export const WATER = "#dfe7ee";
const LAND = "#e3dfd7"; // where nobody says that all zones are known; the covered part is lighter

function byWord(part: "fill" | "edge"): ExpressionSpecification {
  const cases = Object.entries(COLOURS).flatMap(([word, colours]) => [word, colours[part]]);
  return ["match", ["get", "word"], ...cases, OTHER[part]] as unknown as ExpressionSpecification;
}

const SORT = ["index-of", ["get", "word"], ["literal", MILDEST_FIRST]] as unknown as ExpressionSpecification;
const NONE: FilterSpecification = ["in", ["id"], ["literal", []]];
const POLYGON: FilterSpecification = ["!=", ["geometry-type"], "Point"];
const POINT: FilterSpecification = ["==", ["geometry-type"], "Point"];

/** The layers of zones; each shows the ids that `shown` gives it. */
export const ZONE_LAYERS: readonly LayerSpecification[] = [
  {
    id: "zones-now", type: "fill", source: ZONES, "source-layer": "zones", filter: NONE,
    layout: { "fill-sort-key": SORT }, paint: { "fill-color": byWord("fill"), "fill-opacity": 0.38 },
  },
  {
    id: "zones-later", type: "fill", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "fill-color": byWord("fill"), "fill-opacity": 0.1 },
  },
  {
    id: "zones-unknown", type: "fill", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "fill-pattern": "cross-hatch" },
  },
  {
    id: "edges-now", type: "line", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "line-color": byWord("edge"), "line-width": 1.8 },
  },
  {
    id: "edges-later", type: "line", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "line-color": byWord("edge"), "line-width": 1.5, "line-dasharray": [3, 2] },
  },
  {
    id: "edges-unknown", type: "line", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "line-color": byWord("edge"), "line-width": 1.8 },
  },
  {
    id: "small", type: "circle", source: ZONES, "source-layer": "zones", filter: NONE,
    paint: { "circle-radius": 4, "circle-color": byWord("fill"), "circle-stroke-color": byWord("edge"), "circle-stroke-width": 1.5 },
  },
  {
    id: "unreadable", type: "line", source: ZONES, "source-layer": "unreadable",
    paint: { "line-color": OTHER.edge, "line-width": 1.5, "line-dasharray": [1, 2] },
  },
];

export const FLIGHT = "flight";
const NO_WORD = "#124a8c";
const legColour = (part: "fill" | "edge"): ExpressionSpecification =>
  ["case", ["has", "word"], byWord(part), part === "fill" ? NO_WORD : "#ffffff"] as unknown as ExpressionSpecification;
const isOf = (...kinds: string[]): FilterSpecification => ["in", ["get", "kind"], ["literal", kinds]];

/** The layers of a flight: each leg in the colour of what is met on it, with a dark edge; its points above. */
export const FLIGHT_LAYERS: readonly LayerSpecification[] = [
  { id: "flight-area", type: "fill", source: FLIGHT, filter: isOf("area"), paint: { "fill-color": legColour("fill"), "fill-opacity": 0.25 } },
  {
    id: "flight-edge", type: "line", source: FLIGHT, filter: isOf("area", "leg"),
    layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": legColour("edge"), "line-width": 8 },
  },
  {
    id: "flight-leg", type: "line", source: FLIGHT, filter: isOf("area", "leg"),
    layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": legColour("fill"), "line-width": 5 },
  },
  {
    id: "flight-point", type: "circle", source: FLIGHT, filter: isOf("point"),
    paint: { "circle-radius": 5, "circle-color": "#ffffff", "circle-stroke-color": NO_WORD, "circle-stroke-width": 2.5 },
  },
];

export type Shown = Record<"now" | "later" | "unknown", (number | string)[]>;

/** The filter of each layer of zones, for the ids that are in force now, later, or it cannot be told when. */
export function filters(shown: Shown): [string, FilterSpecification][] {
  const of = (ids: (number | string)[]): FilterSpecification => ["in", ["id"], ["literal", ids]];
  const both = (a: FilterSpecification, b: FilterSpecification) => ["all", a, b] as FilterSpecification;
  const found = (Object.keys(shown) as (keyof Shown)[]).flatMap((which): [string, FilterSpecification][] => [
    [`zones-${which}`, both(of(shown[which]), POLYGON)],
    [`edges-${which}`, both(of(shown[which]), POLYGON)],
  ]);
  return [...found, ["small", both(of([...shown.now, ...shown.later, ...shown.unknown]), POINT)]];
}

/** The style: land and countries that are built in, and the zones of the register above them. */
export function style(): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: { type: "FeatureCollection", features: [] }, attribution: "Natural Earth" },
      places: { type: "geojson", data: { type: "FeatureCollection", features: [] }, attribution: "GeoNames" },
      [ZONES]: { type: "vector", tiles: [`${location.origin}/tiles/{z}/{x}/{y}.mvt`], maxzoom: 14 },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": WATER } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": LAND } },
      { id: "coverage", type: "fill", source: ZONES, "source-layer": "coverage", paint: { "fill-color": "#fdfcfa", "fill-opacity": 0.5 } },
      { id: "borders", type: "line", source: "land", paint: { "line-color": "#9aa5b1", "line-width": 1 } },
      ...ZONE_LAYERS,
      NAMES,
    ],
  };
}

const HATCH = 10;

/** A cross-hatch, for zones of which it cannot be told when they are in force. */
export function crossHatch(): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = HATCH;
  const context = canvas.getContext("2d")!;
  context.strokeStyle = OTHER.edge;
  context.globalAlpha = 0.7;
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(HATCH, HATCH);
  context.moveTo(HATCH, 0);
  context.lineTo(0, HATCH);
  context.stroke();
  return context.getImageData(0, 0, HATCH, HATCH);
}
