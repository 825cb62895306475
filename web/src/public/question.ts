// The question of the page, kept in the address behind the #: there it reaches no server's log.
export interface Question {
  place: [number, number] | null;
  /** The place is known to so many metres; null is exactly. */
  within_m: number | null;
  max_height: number | null;
  uas_class: UasClass | null;
  at: string | null;
}

export const CLASSES = ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "none"] as const;
export type UasClass = (typeof CLASSES)[number];

/** The widest circle that the service answers about. */
export const MOST_WITHIN_M = 10_000;
const OPEN_CATEGORY_M = 120;
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** Reads an address part by part, and keeps what it cannot read. */
export class AddressReader {
  readonly #given: URLSearchParams;
  readonly #unread = new Set<string>();
  readonly #known = new Set<string>();

  constructor(hash: string) {
    this.#given = new URLSearchParams(hash.replace(/^#/, ""));
  }

  /** Return what a part says, by a reader that returns undefined for what it cannot read; null where there is none. */
  part<T>(name: string, read: (text: string) => T | undefined): T | null {
    this.#known.add(name);
    const [text, ...more] = this.#given.getAll(name);
    if (text === undefined) return null;
    const value = more.length > 0 ? undefined : read(text.trim());
    if (value === undefined) this.refuse(name);
    return value ?? null;
  }

  number(name: string, low: number, high: number): number | null {
    return this.part(name, (text) => {
      const value = text === "" ? NaN : Number(text);
      return value >= low && value <= high ? value : undefined;
    });
  }

  oneOf<T extends string>(name: string, from: readonly T[]): T | null {
    return this.part(name, (text) => from.find((each) => each === text));
  }

  /** Return a moment; it has its offset, in which a + of an address reads as a space. */
  moment(name: string): string | null {
    return this.part(name, (text) => {
      const written = text.replace(/ (?=\d\d:?\d\d$)/, "+");
      return MOMENT.test(written) && !Number.isNaN(Date.parse(written)) ? written : undefined;
    });
  }

  /** Keep a part as one that could not be read. */
  refuse(name: string): void {
    this.#unread.add(this.#given.getAll(name).map((text) => `${name}=${text}`).join("&") || name);
  }

  /** Return the parts that could not be read or are not known, as the address has them. */
  unread(): string[] {
    for (const name of this.#given.keys()) if (!this.#known.has(name)) this.refuse(name);
    return [...this.#unread];
  }
}

/** Read the question from an address, and the parts of it that cannot be read: they are said before anything is asked. */
export function fromAddress(hash: string): { question: Question; unread: string[] } {
  const address = new AddressReader(hash);
  const lat = address.number("lat", -90, 90);
  const lon = address.number("lon", -180, 180);
  if ((lat === null) !== (lon === null)) address.refuse(lat === null ? "lat" : "lon");
  const height = address.part("height", (text) => (text === "all" ? "all" : text !== "" && Number(text) >= 0 && Number(text) <= 100_000 ? Number(text) : undefined));
  return {
    question: {
      place: lat === null || lon === null ? null : [lon, lat],
      within_m: address.part("within", (text) => (Number(text) > 0 && Number(text) <= MOST_WITHIN_M ? Number(text) : undefined)),
      max_height: height === "all" ? null : (height ?? OPEN_CATEGORY_M),
      uas_class: address.oneOf("class", CLASSES),
      at: address.moment("at"),
    },
    unread: address.unread(),
  };
}

/** Write the question for an address. */
export function toAddress({ place, within_m, max_height, uas_class, at }: Question): string {
  const said = new URLSearchParams();
  if (place) {
    said.set("lat", place[1].toFixed(6));
    said.set("lon", place[0].toFixed(6));
    if (within_m !== null) said.set("within", String(within_m));
  }
  said.set("height", max_height === null ? "all" : String(max_height));
  if (uas_class) said.set("class", uas_class);
  if (at) said.set("at", at);
  return `#${String(said).replaceAll("%3A", ":")}`; // as people write a time
}
