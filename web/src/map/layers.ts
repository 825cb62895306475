// What of the zones is drawn: the switches of the legend, and the height asked about. Nothing is decided by it.
import type * as maplibregl from "maplibre-gl";

import type { Activity } from "./activity";
import { NAMES } from "./names";

export interface Switches {
  zones: boolean;
  later: boolean;
  information: boolean;
  names: boolean;
  base: boolean;
}

export const ALL_ON: Readonly<Switches> = { zones: true, later: true, information: true, names: true, base: true };

export interface Starting {
  word?: string;
  lower_m?: number;
  lower_ref?: string;
}

/** Say whether a zone is drawn by the switches. What may be in force goes with what is. */
export function isOn({ word }: Starting, found: Activity, on: Readonly<Switches>): boolean {
  if (word === "INFORMATION" && !on.information) return false;
  return found === "later" ? on.later : on.zones;
}

/** Say whether a zone surely starts above a height above ground: only where both are measured from the same. */
export function startsAbove({ lower_m, lower_ref }: Starting, height_m: number | null): boolean {
  return height_m !== null && lower_ref === "AGL" && lower_m !== undefined && lower_m > height_m;
}

/** Show or hide the names of places. */
export function showNames(map: maplibregl.Map, shown: boolean): void {
  if (map.getLayer(NAMES.id)) map.setLayoutProperty(NAMES.id, "visibility", shown ? "visible" : "none");
}
