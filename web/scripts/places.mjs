// The names on the map, from the project's own table: generated/places.json, the largest places first.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [, ...lines] = readFileSync(new URL("../../geodata/places/europe.csv", import.meta.url), "utf-8").trim().split("\n");

/** The cells of a line of CSV. */
function cells(line) {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
}

const features = lines
  .map((line) => {
    const [name, , , lon, lat, population] = cells(line.trim());
    const geometry = { type: "Point", coordinates: [Number(lon), Number(lat)] };
    return { type: "Feature", geometry, properties: { name, population: Number(population) } };
  })
  .sort((a, b) => b.properties.population - a.properties.population);
mkdirSync(new URL("../generated/", import.meta.url), { recursive: true });
writeFileSync(new URL("../generated/places.json", import.meta.url), JSON.stringify({ type: "FeatureCollection", features }));
