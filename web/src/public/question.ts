// The question of the page, kept in the address behind the #: there it reaches no server's log.
export interface Question {
  place: [number, number] | null;
  max_height: number | null;
  uas_class: UasClass | null;
  at: string | null;
}

export const CLASSES = ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "none"] as const;
export type UasClass = (typeof CLASSES)[number];

const OPEN_CATEGORY_M = 120;

function number(text: string | null, low: number, high: number): number | null {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return value >= low && value <= high ? value : null;
}

/** Read the question from an address; what cannot be read is left out. */
export function fromAddress(hash: string): Question {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const lat = number(given.get("lat"), -90, 90);
  const lon = number(given.get("lon"), -180, 180);
  const at = given.get("at");
  const height = given.get("height");
  return {
    place: lat === null || lon === null ? null : [lon, lat],
    max_height: height === "all" ? null : (number(height, 0, 100_000) ?? OPEN_CATEGORY_M),
    uas_class: CLASSES.find((each) => each === given.get("class")) ?? null,
    at: at !== null && !Number.isNaN(Date.parse(at)) ? at : null,
  };
}

/** Write the question for an address. */
export function toAddress({ place, max_height, uas_class, at }: Question): string {
  const said = new URLSearchParams();
  if (place) {
    said.set("lat", place[1].toFixed(6));
    said.set("lon", place[0].toFixed(6));
  }
  said.set("height", max_height === null ? "all" : String(max_height));
  if (uas_class) said.set("class", uas_class);
  if (at) said.set("at", at);
  return `#${String(said).replaceAll("%3A", ":")}`; // as people write a time
}
