// The names of places, written by the browser itself: a map's own fonts would be a megabyte more to load.
import type { LayerSpecification, Map as MapLibreMap } from "maplibre-gl";

import address from "../../generated/places.json?url";

const PREFIX = "name:";
const SIZE_PX = 13;
const PIXELS = 2;

/** Larger places at all zooms, smaller ones as one comes nearer. */
export const NAMES: LayerSpecification = {
  id: "names",
  type: "symbol",
  source: "places",
  filter: [">=", ["get", "population"], ["step", ["zoom"], 1_000_000, 5, 400_000, 7, 100_000, 8, 50_000, 9, 20_000, 10, 0]],
  layout: {
    "icon-image": ["concat", PREFIX, ["get", "name"]],
    "icon-padding": 6,
    "symbol-sort-key": ["-", ["get", "population"]],
  },
};

/** Where the names come from, for a source of the map. */
export const places = new URL(address, location.href).href;

/** Let the map ask for names as pictures. */
export function writeNames(map: MapLibreMap): void {
  map.setMissingStyleImageResolver((id) => {
    if (id.startsWith(PREFIX)) map.addImage(id, written(id.slice(PREFIX.length)), { pixelRatio: PIXELS });
  });
}

function written(name: string): ImageData {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  const font = `500 ${SIZE_PX * PIXELS}px system-ui, sans-serif`;
  context.font = font;
  canvas.width = Math.ceil(context.measureText(name).width) + 6 * PIXELS;
  canvas.height = (SIZE_PX + 8) * PIXELS;
  context.font = font;
  context.textBaseline = "middle";
  context.lineWidth = 3 * PIXELS;
  context.lineJoin = "round";
  context.strokeStyle = "#ffffff";
  context.strokeText(name, 3 * PIXELS, canvas.height / 2);
  context.fillStyle = "#25303c";
  context.fillText(name, 3 * PIXELS, canvas.height / 2);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
