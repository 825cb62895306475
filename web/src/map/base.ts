// A base map that whoever runs the service named, below the zones. Browsers load it from its own server.
import type * as maplibregl from "maplibre-gl";

import { answered, client, type Schemas } from "../api/client";

export type MapSettings = Schemas["MapSettings"];
export type BaseMap = Schemas["BaseMapOut"];

const BASE = "base";

/** What the service adds to the map; null where that cannot be asked now: the built-in map does without. */
export async function mapSettings(): Promise<MapSettings | null> {
  try {
    return await answered((signal) => client.GET("/v1/map-settings", { signal }));
  } catch {
    return null;
  }
}

/** Show the base map or hide it; what is built in lies below it. */
export function showBase(map: maplibregl.Map, base: BaseMap | null, shown: boolean): void {
  if (base === null) return;
  if (!map.getSource(BASE)) {
    const said = document.createElement("span");
    said.textContent = base.attribution; // an attribution is written as HTML
    map.addSource(BASE, { type: "raster", tiles: [base.url], tileSize: 256, maxzoom: base.max_zoom, attribution: said.innerHTML });
    map.addLayer({ id: BASE, type: "raster", source: BASE }, "coverage");
  }
  map.setLayoutProperty(BASE, "visibility", shown ? "visible" : "none");
}
