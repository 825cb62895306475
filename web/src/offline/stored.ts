// The published zones around the last place asked about, kept on the device. Without a network they are shown as
// published and with their age; whether they apply is not decided from them.

import type { Period } from "./published";

const NAME = "zones-near";
const KEY = "/stored-zones";
const AROUND_DEG = { lat: 0.1, lon: 0.16 }; // some 11 km
const NEAR_DEG = { lat: 0.02, lon: 0.035 }; // some 2 km

export interface StoredZone {
  key: string;
  name: string;
  word: string;
  /** Its limits as published; null is the surface, or no limit. */
  lower: string | null;
  upper: string | null;
  /** When it is in force; null is always. */
  periods: Period[] | null;
  message: string;
  authority: string;
}

interface Published {
  bbox: [number, number, number, number];
  fetched_at: string;
  document: {
    metadata: { revision: number | null };
    features: { geometry: { coordinates: unknown }; properties: Record<string, string | null> & { limited_applicability: Period[] | null } }[];
  };
}

export interface Stored {
  fetched_at: string;
  revision: number | null;
  /** Null where the place lies outside of what is kept. */
  zones: StoredZone[] | null;
}

function around([lon, lat]: [number, number], by: { lat: number; lon: number }): [number, number, number, number] {
  return [Math.max(-180, lon - by.lon), Math.max(-90, lat - by.lat), Math.min(180, lon + by.lon), Math.min(90, lat + by.lat)];
}

/** Keep the zones around a place. What fails here is no loss: the last ones stay. */
export async function keep(place: [number, number]): Promise<void> {
  if (!("caches" in window)) return;
  const bbox = around(place, AROUND_DEG);
  const response = await fetch(`/v1/publications/geojson?bbox=${bbox.map((each) => each.toFixed(4)).join(",")}`);
  if (!response.ok) return;
  const kept: Published = { bbox, fetched_at: new Date().toISOString(), document: await response.json() };
  const cache = await caches.open(NAME);
  await cache.put(KEY, new Response(JSON.stringify(kept)));
}

function reach(coordinates: unknown, box = [Infinity, Infinity, -Infinity, -Infinity]): number[] {
  const given = coordinates as unknown[];
  if (typeof given[0] === "number") {
    const [lon, lat] = given as [number, number];
    return [Math.min(box[0]!, lon), Math.min(box[1]!, lat), Math.max(box[2]!, lon), Math.max(box[3]!, lat)];
  }
  return given.reduce<number[]>((found, each) => reach(each, found), box);
}

/** Return what is kept of the zones near a place; null where nothing is kept at all. */
export async function near(place: [number, number]): Promise<Stored | null> {
  const cached = "caches" in window ? await (await caches.open(NAME)).match(KEY) : undefined;
  if (!cached) return null;
  const { bbox, fetched_at, document } = (await cached.json()) as Published;
  const [west, south, east, north] = around(place, NEAR_DEG);
  const revision = document.metadata.revision;
  if (west < bbox[0] || south < bbox[1] || east > bbox[2] || north > bbox[3]) return { fetched_at, revision, zones: null };
  const zones = document.features
    .filter(({ geometry }) => {
      const [w, s, e, n] = reach(geometry.coordinates) as [number, number, number, number];
      return w <= east && e >= west && s <= north && n >= south;
    })
    .map(({ properties: each }) => ({
      key: `${each.country} ${each.identifier}`,
      name: each.name ?? "",
      word: each.published_type ?? "",
      lower: each.lower_published ? `${each.lower_published} ${each.lower_reference}` : null,
      upper: each.upper_published ? `${each.upper_published} ${each.upper_reference}` : null,
      periods: each.limited_applicability,
      message: each.message ?? "",
      authority: each.authority ?? "",
    }));
  return { fetched_at, revision, zones };
}
