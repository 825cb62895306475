// The base map that is built in: the land of the world, coarse, and the countries of Europe, fine.
//
// Writes generated/outlines.json, a TopoJSON with `world` and `europe`. Source: Natural Earth 4.1 (public domain)
// through the npm package world-atlas (ISC), 1:110m and 1:10m.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const read = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}`), "utf-8"));
const EUROPE = { west: -32, south: 27, east: 46, north: 72 };

/** Keep the countries of a topology that `wanted` chooses, and the arcs that they use alone. */
function only(topology, wanted) {
  const geometries = topology.objects.countries.geometries.filter((geometry) =>
    wanted(feature(topology, geometry)),
  );
  const numbers = new Map();
  const renumbered = (arcs) =>
    arcs.map((arc) => {
      if (Array.isArray(arc)) return renumbered(arc);
      const old = arc < 0 ? ~arc : arc;
      if (!numbers.has(old)) numbers.set(old, numbers.size);
      return arc < 0 ? ~numbers.get(old) : numbers.get(old);
    });
  const kept = geometries.map(({ type, arcs, properties }) => ({ type, arcs: renumbered(arcs), properties }));
  const arcs = [...numbers.keys()].map((old) => topology.arcs[old]);
  return {
    type: "Topology",
    transform: topology.transform,
    arcs,
    objects: { countries: { type: "GeometryCollection", geometries: kept } },
  };
}

/** Say whether most of a country's outline lies in the box of Europe. */
function isEuropean({ geometry }) {
  const points = (geometry?.coordinates ?? []).flat(geometry?.type === "Polygon" ? 1 : 2);
  const inside = points.filter(
    ([lon, lat]) => lon > EUROPE.west && lon < EUROPE.east && lat > EUROPE.south && lat < EUROPE.north,
  );
  return inside.length > points.length / 2;
}

const fine = read("countries-10m.json");
const europe = only(fine, isEuropean);
const names = new Set(europe.objects.countries.geometries.map((each) => each.properties.name));
const world = only(read("countries-110m.json"), (country) => !names.has(country.properties.name));
mkdirSync(new URL("../generated/", import.meta.url), { recursive: true });
writeFileSync(new URL("../generated/outlines.json", import.meta.url), JSON.stringify({ world, europe }));
