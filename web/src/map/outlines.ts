// The built-in base map, loaded after the page: it is a picture, and no answer waits for it.
import type { FeatureCollection } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

import address from "../../generated/outlines.json?url";

type Countries = Topology<{ countries: GeometryCollection }>;

/** Return the land of the world, country by country. */
export async function outlines(): Promise<FeatureCollection> {
  const { world, europe } = (await (await fetch(address)).json()) as Record<"world" | "europe", Countries>;
  const features = [world, europe].flatMap((each) => feature(each, each.objects.countries).features);
  return { type: "FeatureCollection", features };
}
