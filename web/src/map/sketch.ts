// What is drawn over the zones and is not published: a draft, what it adds and takes away, what it is put together with,
// and a place to look at.
import type * as maplibregl from "maplibre-gl";

export interface Sketch {
  role: "draft" | "added" | "removed" | "hint" | "beside";
  geometry: GeoJSON.Geometry;
}

const SKETCH = "sketch";
const HATCHES = { added: "#0b6b2d", removed: "#8f0016" } as const;
const DRAFT = "#6f2da8";

const of = (...roles: Sketch["role"][]) => ["in", ["get", "role"], ["literal", roles]] as unknown as maplibregl.FilterSpecification;

/** Draw these, and nothing of what was sketched before. */
export function draw(map: maplibregl.Map, sketches: readonly Sketch[]): void {
  const features = sketches.map(({ role, geometry }): GeoJSON.Feature => ({ type: "Feature", geometry, properties: { role } }));
  const data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features };
  const source = map.getSource(SKETCH) as maplibregl.GeoJSONSource | undefined;
  if (source) return void source.setData(data);
  map.addSource(SKETCH, { type: "geojson", data });
  for (const [role, colour] of Object.entries(HATCHES)) if (!map.hasImage(role)) map.addImage(role, hatch(colour));
  map.addLayer({ id: "sketch-fill", type: "fill", source: SKETCH, filter: of("draft"), paint: { "fill-color": DRAFT, "fill-opacity": 0.12 } });
  for (const role of ["added", "removed"] as const) {
    map.addLayer({ id: `sketch-${role}`, type: "fill", source: SKETCH, filter: of(role), paint: { "fill-pattern": role } });
    map.addLayer({ id: `sketch-${role}-edge`, type: "line", source: SKETCH, filter: of(role), paint: { "line-color": HATCHES[role], "line-width": 1.5 } });
  }
  map.addLayer({ id: "sketch-edge", type: "line", source: SKETCH, filter: of("draft"), paint: { "line-color": DRAFT, "line-width": 2.5, "line-dasharray": [3, 2] } });
  map.addLayer({ id: "sketch-beside", type: "line", source: SKETCH, filter: of("beside"), paint: { "line-color": "#16202c", "line-width": 2.5, "line-dasharray": [1, 1] } });
  map.addLayer({ id: "sketch-hint", type: "line", source: SKETCH, filter: of("hint"), paint: { "line-color": "#000000", "line-width": 5, "line-opacity": 0.75 } });
}

const SIZE = 10;

function hatch(colour: string): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d")!;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  for (const shift of [-SIZE, 0, SIZE]) {
    context.moveTo(shift, SIZE);
    context.lineTo(shift + SIZE, 0);
  }
  context.stroke();
  return context.getImageData(0, 0, SIZE, SIZE);
}
