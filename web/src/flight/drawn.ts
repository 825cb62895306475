// A flight as it is drawn and asked about, kept in the address behind the #: there it reaches no server's log.
import type { Schemas } from "../api/client";
import { AddressReader, CLASSES, type UasClass } from "../public/question";

export type Place = [number, number];
export type Reference = Schemas["VerticalReference"];
export const REFERENCES: readonly Reference[] = ["AGL", "AMSL", "WGS84", "TAKEOFF"];

/** What is said beside where it goes; null is not said. */
export interface Terms {
  height: number | null;
  reference: Reference;
  from: string | null;
  to: string | null;
  /** Whether nobody said how long it takes: an hour is assumed. */
  isHourAssumed: boolean;
  uas_class: UasClass | null;
  buffer_m: number | null;
}

export interface Drawn {
  kind: "line" | "area";
  points: Place[];
}

const OPEN_CATEGORY_M = 120;
const BUFFER_M = 10;
const HOUR_MS = 3_600_000;
const MOST_POINTS = 500;

export const UNSAID: Terms = { height: null, reference: "AGL", from: null, to: null, isHourAssumed: false, uas_class: null, buffer_m: null };
export const AT_FIRST: Terms = { ...UNSAID, height: OPEN_CATEGORY_M, buffer_m: BUFFER_M };

/** Write a moment as the service reads it. */
export function written(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** Return the terms with a window: an hour from this minute where none is said. */
export function withWindow(terms: Terms, now_ms: number): Terms {
  const from = terms.from ?? written(Math.floor(now_ms / 60_000) * 60_000);
  return { ...terms, from, to: terms.to ?? written(Date.parse(from) + HOUR_MS), isHourAssumed: terms.isHourAssumed || terms.to === null };
}

/** Return the terms with another start; the end moves with it, and is gone with it. */
export function startingAt(terms: Terms, from: string | null): Terms {
  if (from === null) return { ...terms, from, to: null };
  if (terms.from === null || terms.to === null) return { ...terms, from };
  return { ...terms, from, to: written(Date.parse(from) + Date.parse(terms.to) - Date.parse(terms.from)) };
}

/** Say whether there are points enough to ask: one is a flight that stays there. */
export function isEnough({ kind, points }: Drawn): boolean {
  return points.length >= (kind === "area" ? 3 : 1);
}

export function geometry({ kind, points }: Drawn): Schemas["FlightQuestion"]["geometry"] {
  if (kind === "area") return { type: "Polygon", coordinates: [[...points, points[0]!]] };
  return points.length === 1 ? { type: "Point", coordinates: points[0]! } : { type: "LineString", coordinates: points };
}

/** Return the question; the terms have their window. */
export function question(drawn: Drawn, terms: Terms): Schemas["FlightQuestion"] {
  const { height, reference, from, to, uas_class, buffer_m } = terms;
  return {
    geometry: geometry(drawn),
    ...(height === null ? {} : { heights: { upper: height, reference, uom: "m" as const } }),
    window: { from: from!, to: to! },
    buffer_m: buffer_m ?? 0,
    operation: uas_class ? { uas_class } : {},
  };
}

/** Say whether an address asks about a flight. */
export function isFlight(hash: string): boolean {
  return new URLSearchParams(hash.replace(/^#/, "")).has("flight");
}

/** Read a drawn flight from an address, and the parts of it that cannot be read: they are said before anything is asked. */
export function fromAddress(hash: string): { drawn: Drawn; terms: Terms; unread: string[] } {
  const address = new AddressReader(hash);
  const points = (address.part("points", (text) => text.split("_")) ?? []).map((pair) => pair.split(",").map((each) => (each.trim() === "" ? NaN : Number(each))));
  const readable = points.filter((pair) => pair.length === 2 && isOnEarth(pair[0], pair[1])).slice(0, MOST_POINTS);
  if (readable.length < points.length) address.refuse("points");
  const height = address.part("height", (text) => (text === "all" ? "all" : text !== "" && Number(text) >= -1000 && Number(text) <= 100_000 ? Number(text) : undefined));
  const drawn: Drawn = {
    kind: address.oneOf("flight", ["line", "area"]) ?? "line",
    points: readable.map(([lat, lon]) => [lon!, lat!]),
  };
  const terms: Terms = {
    height: height === "all" ? null : (height ?? OPEN_CATEGORY_M),
    reference: address.oneOf("reference", REFERENCES) ?? "AGL",
    from: address.moment("from"),
    to: address.moment("to"),
    isHourAssumed: address.oneOf("assumed", ["hour"]) !== null,
    uas_class: address.oneOf("class", CLASSES),
    buffer_m: address.number("buffer", 0, 10_000) ?? BUFFER_M,
  };
  if (height !== "all" && height !== null && height < lowestOf(terms.reference)) address.refuse("height");
  return { drawn, terms, unread: address.unread() };
}

/** The least height that makes sense above something. */
export function lowestOf(reference: Reference): number {
  return reference === "AGL" ? 0 : -1000;
}

export function isOnEarth(lat: number | undefined, lon: number | undefined): boolean {
  return lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
}

/** Write a drawn flight for an address; a flight of a file is never in it. */
export function toAddress({ kind, points }: Drawn, terms: Terms): string {
  const said = new URLSearchParams({ flight: kind });
  if (points.length > 0) said.set("points", points.map(([lon, lat]) => `${lat.toFixed(6)},${lon.toFixed(6)}`).join("_"));
  said.set("height", terms.height === null ? "all" : String(terms.height));
  said.set("reference", terms.reference);
  if (terms.from) said.set("from", terms.from);
  if (terms.to) said.set("to", terms.to);
  if (terms.to && terms.isHourAssumed) said.set("assumed", "hour");
  if (terms.uas_class) said.set("class", terms.uas_class);
  said.set("buffer", String(terms.buffer_m ?? 0));
  return `#${String(said).replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}
