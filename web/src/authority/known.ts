// What was written in the last draft and is likely meant in the next: whom to ask, the data set, the country.
import { at, type Content } from "./content";
import type { Kind } from "./tools";

const KEPT = "authority-known";

interface Known {
  authority?: unknown;
  dataSet?: string;
  country?: string;
}

const read = (): Known => JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Known;

export const known = {
  /** How the next shape is to be drawn. */
  kind: null as Kind | null,

  get last(): Known {
    return read();
  },

  keep(content: Content): void {
    const properties = "/items/0/feature/properties";
    const authority = at(content, `${properties}/zoneAuthority/0`);
    localStorage.setItem(KEPT, JSON.stringify({ authority, dataSet: content.data_set, country: at(content, `${properties}/country`) }));
  },
};
