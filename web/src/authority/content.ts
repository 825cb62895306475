// The content of a draft as the register takes it, and reading and writing its members by JSON pointer.
import type { Schemas } from "../api/client";

export interface Text {
  text: string;
  lang?: string;
}
export interface Layer {
  lower?: number;
  lowerReference?: string;
  upper?: number;
  upperReference?: string;
  uom?: string;
}
/** As ED-318 writes it: GeoJSON, a circle as a Point with its extent, and the heights as its layer. */
export interface Shape {
  type: string;
  coordinates?: unknown;
  extent?: { subType: string; radius: number };
  layer?: Layer;
}
export interface Daily {
  day: string[];
  startTime?: string;
  startEvent?: string;
  endTime?: string;
  endEvent?: string;
}
export interface Item {
  change: "assert" | "withdraw";
  country?: string;
  identifier?: string;
  feature?: { type: "Feature"; geometry: Shape | null; properties: Record<string, unknown> };
  valid?: { from: string | null; to: string | null };
}
export interface Content {
  title?: string;
  data_set?: string;
  legal_reference?: string;
  reason?: string | null;
  emergency?: boolean;
  items?: Item[];
  [member: string]: unknown;
}
export type Draft = Schemas["DraftOut"];
export type Position = [number, number];

const steps = (pointer: string): string[] => pointer.split("/").slice(1);

/** What stands at a pointer, undefined where nothing does. */
export function at(value: unknown, pointer: string): unknown {
  return steps(pointer).reduce<unknown>((inside, step) => (inside as Record<string, unknown> | null | undefined)?.[step], value);
}

/** A copy with something else at a pointer; undefined takes a member away. What leads there is made where it is missing. */
export function put<T>(value: T, pointer: string, what: unknown): T {
  const go = (inside: unknown, [step, ...rest]: string[]): unknown => {
    if (step === undefined) return what;
    if (Array.isArray(inside)) return inside.map((each, n) => (String(n) === step ? go(each, rest) : each)).concat(inside.length === Number(step) ? [go(undefined, rest)] : []);
    if (inside === undefined || inside === null) inside = /^\d+$/.test(step) ? [] : {};
    if (Array.isArray(inside)) return [go(undefined, rest)];
    const { [step]: old, ...others } = inside as Record<string, unknown>;
    const made = go(old, rest);
    return made === undefined ? others : { ...(inside as object), [step]: made };
  };
  return go(value, steps(pointer)) as T;
}

/** The merge patch (RFC 7396) from one content to another: its members are small, so each is sent whole. */
export function patchOf(from: Content, to: Content): Record<string, unknown> {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  const changed = [...names].filter((name) => JSON.stringify(from[name]) !== JSON.stringify(to[name]));
  return Object.fromEntries(changed.map((name) => [name, to[name] ?? null]));
}

/** A new draft: one zone, for whoever flies there, from publication on. */
export function begun(title: string, known: { country?: string }): Content {
  const properties = {
    identifier: "",
    country: known.country ?? "NLD",
    name: [{ text: "", lang: "en-GB" }, { text: "", lang: "nl-NL" }],
    type: "REQ_AUTHORIZATION",
    variant: "COMMON",
    zoneAuthority: [{ name: [{ text: "", lang: "en-GB" }], purpose: "AUTHORIZATION" }],
  };
  return {
    title,
    data_set: "",
    legal_reference: "",
    items: [{ change: "assert", feature: { type: "Feature", geometry: null, properties }, valid: { from: null, to: null } }],
  };
}

const INCIDENT_HOURS = 3;

/** An incident: nobody flies within a circle, from the ground to 120 m, for three hours from now. */
export function incident(title: string, known: { country?: string }, now: Date): Content {
  const begun_ = begun(title, known);
  const ends = new Date(Math.ceil(now.getTime() / 60_000) * 60_000 + INCIDENT_HOURS * 3_600_000).toISOString().replace(".000Z", "Z");
  let made: Content = { ...begun_, emergency: true, reason: "" };
  made = put(made, "/items/0/valid/to", ends);
  made = put(made, "/items/0/feature/properties/type", "PROHIBITED");
  made = put(made, "/items/0/feature/properties/reason", ["EMERGENCY"]);
  made = put(made, "/items/0/feature/properties/identifier", `INC-${ends.slice(8, 10)}${Math.floor(Math.random() * 10)}`);
  return put(made, "/items/0/feature/properties/zoneAuthority/0/purpose", "INFORMATION");
}

export const GROUND_TO_120: Layer = { lower: 0, lowerReference: "AGL", upper: 120, upperReference: "AGL", uom: "m" };
