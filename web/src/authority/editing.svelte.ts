// The shape of a draft in the hands of a person: its points on the map and in the table are the same, one step to undo each.
import type { Handle, Handled } from "../map/handles";
import { around } from "../map/round";
import { at, type Item, type Position, put, type Shape } from "./content";
import type { Drafting } from "./drafting.svelte";
import { toolsOf, type Tools, written } from "./tools";
import { between, inserted, keyOf, moved, type Ring, removed, ringsOf, type Where, whereOf, without } from "./vertices";
import { said } from "./words.svelte";

const BETWEEN = "+";
const CENTRE = "centre";
const RADIUS = "radius";

export class Editing {
  isOn = $state(false);
  /** A point in the table or on the map that is looked at. */
  chosen = $state<string | null>(null);
  readonly rings = $derived(ringsOf(this.shape));
  /** What is drawn while something is dragged; the draft changes when it is let go. */
  preview = $state.raw<GeoJSON.Geometry | null>(null);
  said = $state("");
  crowded = $state(0);
  /** Which of a zone's shapes, where it has one for each of its layers. */
  layer = $state(0);
  /** What is to be put together with the shape: it is shown beside it. */
  beside = $state.raw<GeoJSON.Geometry[]>([]);
  /** Who takes the next tap on the map instead of the shape. */
  taps = $state.raw<((place: Position) => void) | null>(null);
  /** Where the handle of a circle's radius was put. */
  #edge: Position | null = null;

  constructor(
    readonly drafting: Drafting,
    readonly item: () => string,
  ) {}

  get whole(): Shape | null {
    return (at(this.drafting.content, `${this.item()}/feature/geometry`) as Shape | null | undefined) ?? null;
  }

  get layers(): Shape[] {
    return layersOf(this.whole);
  }

  /** The draft's other shapes: of this zone's other layers, and of the zones that are changed with it. */
  get others(): { name: string; shape: Shape }[] {
    const items = this.drafting.content.items ?? [];
    return items.flatMap(({ feature }) => {
      const zone = ["country", "identifier"].map((member) => feature?.properties[member] ?? "").join(" ");
      const layers = layersOf(feature?.geometry ?? null);
      const named = layers.map((shape, n) => ({ name: layers.length > 1 ? `${zone}, ${said.a.shapes.layerNumber(n + 1)}` : zone, shape }));
      return named.filter(({ shape }) => shape !== this.shape);
    });
  }

  get pointer(): string {
    const whole = `${this.item()}/feature/geometry`;
    return this.whole?.type === "GeometryCollection" ? `${whole}/geometries/${Math.min(this.layer, this.layers.length - 1)}` : whole;
  }

  get shape(): Shape | null {
    return (at(this.drafting.content, this.pointer) as Shape | null | undefined) ?? null;
  }

  get isCircle(): boolean {
    return this.shape?.type === "Point" && this.shape.extent !== undefined;
  }

  get canBeEdited(): boolean {
    return this.drafting.isOpen && (this.isCircle || this.rings.length > 0);
  }

  /** Put another shape in this one's place, with its heights; what was entered goes with it where it still says the same. */
  take(shape: Shape, tools: Partial<Tools> = {}): void {
    const layer = this.shape?.layer;
    const kept = layer ? { ...shape, layer } : shape;
    const entered = { ...this.drafting.now.tools, ...this.#entered(kept), ...tools };
    this.drafting.change({ content: put(this.drafting.content, this.pointer, kept), tools: entered });
  }

  /** Make each part a zone of its own in this draft: this one takes the first, copies of it the others, with names to be looked at. */
  spread(parts: Shape[]): void {
    const items = this.drafting.content.items ?? [];
    const mine = at(this.drafting.content, this.item()) as Item | undefined;
    if (!mine?.feature) return;
    const layer = this.shape?.layer;
    const identifier = String(mine.feature.properties["identifier"] ?? "");
    const zones = parts.map((part, n): Item => ({
      ...mine,
      feature: {
        ...mine.feature!,
        geometry: layer ? { ...part, layer } : part,
        properties: { ...mine.feature!.properties, identifier: n === 0 ? identifier : proposed(identifier, n) },
      },
    }));
    const place = Number(this.item().split("/")[2]);
    this.drafting.change({ content: put(this.drafting.content, "/items", items.toSpliced(place, 1, ...zones)), tools: { ...this.drafting.now.tools } });
  }

  #entered(shape: Shape): Partial<Tools> {
    const now = this.drafting.now.tools;
    const { kind, centre, radius, uom, rows } = toolsOf(shape);
    if (kind !== now.kind) return {};
    return kind === "circle" ? { centre, radius, uom } : { rows };
  }

  name({ part, ring }: Pick<Where, "part" | "ring">): string {
    const parts = new Set(this.rings.map((each) => each.part)).size;
    return said.a.shapes.ring(ring, parts > 1 ? part + 1 : null);
  }

  choose(key: string): void {
    this.chosen = key.split(BETWEEN)[0] ?? key;
  }

  move(where: Where, to: Position): void {
    if (!this.shape) return;
    this.take(moved(this.shape, where, rounded(to)));
    this.said = said.a.shapes.movedTo(where.point + 1, this.name(where), written(to));
  }

  /** A point more after this one; the new one is chosen. */
  insert(where: Where): Where {
    const ring = this.#ring(where);
    if (!this.shape || !ring) return where;
    this.take(inserted(this.shape, where, rounded(between(ring, where.point))));
    const added = { ...where, point: where.point + 1 };
    this.chosen = keyOf(added);
    this.said = said.a.shapes.insertedAs(added.point + 1, this.name(where));
    return added;
  }

  /** A point less; its follower is chosen. */
  remove(where: Where): Where | null {
    const left = this.shape && removed(this.shape, where);
    if (!left) {
      this.said = said.a.shapes.tooFew;
      return null;
    }
    this.take(left);
    const next = { ...where, point: Math.max(0, where.point - 1) };
    this.chosen = keyOf(next);
    this.said = said.a.shapes.removedFrom(where.point + 1, this.name(where));
    return next;
  }

  /** Fill a hole, or drop a part. */
  drop({ part, ring }: Pick<Where, "part" | "ring">): void {
    const left = this.shape && without(this.shape, part, ring);
    const name = this.name({ part, ring });
    if (!left) return;
    this.take(left);
    this.chosen = null;
    this.said = said.a.shapes.dropped(name);
  }

  #ring({ part, ring }: Pick<Where, "part" | "ring">): Ring | undefined {
    return this.rings.find((each) => each.part === part && each.ring === ring);
  }

  /** What the map shows to take hold of; a circle has a centre and a radius, and no points. */
  handled(outline: GeoJSON.Geometry | null): Handled | null {
    if (!this.isOn || !this.canBeEdited) return null;
    return {
      handles: this.isCircle ? this.#ofCircle(outline) : this.#ofRings(),
      chosen: this.chosen,
      choose: (key) => this.choose(key),
      drag: (key, to) => (this.preview = this.#dragged(key, to)),
      drop: (key, to) => this.#drop(key, to),
      remove: (key) => {
        const next = this.remove(whereOf(key));
        return next && keyOf(next);
      },
      add: (key) => keyOf(this.insert(whereOf(key))),
    };
  }

  #ofRings(): Handle[] {
    const { point, betweenPoints } = said.a.shapes;
    return this.rings.flatMap((ring) => {
      const name = this.name(ring);
      return ring.points.flatMap((position, n): Handle[] => {
        const key = keyOf({ ...ring, point: n });
        const halfway: Handle = { key: key + BETWEEN, kind: "between", position: between(ring, n), mark: "+", label: betweenPoints(n + 1, name) };
        return [{ key, kind: "corner", position, mark: String(n + 1), label: point(n + 1, name) }, halfway];
      });
    });
  }

  #ofCircle(outline: GeoJSON.Geometry | null): Handle[] {
    const centre = this.shape?.coordinates as Position;
    const points = outline?.type === "Polygon" ? (outline.coordinates[0] as Position[]) : [];
    const edge = points.reduce<Position | null>((east, each) => (east === null || each[0] > east[0] ? each : east), null);
    this.#edge = edge;
    const { centreHandle, radiusHandle } = said.a.shapes;
    return [
      { key: CENTRE, kind: "centre", position: centre, mark: "○", label: centreHandle },
      ...(edge ? [{ key: RADIUS, kind: "radius", position: edge, mark: "↔", label: radiusHandle(this.shape?.extent?.radius ?? 0) } as Handle] : []),
    ];
  }

  #dragged(key: string, to: Position): GeoJSON.Geometry | null {
    const shape = this.shape;
    if (!shape) return null;
    const centre = shape.coordinates as Position;
    const radius = shape.extent?.radius ?? 0;
    if (key === CENTRE) return { type: "Polygon", coordinates: [around(to, radius)] };
    if (key === RADIUS) return { type: "Polygon", coordinates: [around(centre, this.#radius(to))] };
    const after = key.endsWith(BETWEEN) ? inserted(shape, whereOf(key), to) : moved(shape, whereOf(key), to);
    return after as unknown as GeoJSON.Geometry;
  }

  #drop(key: string, to: Position): void {
    this.preview = null;
    const shape = this.shape;
    if (!shape) return;
    if (key === CENTRE) {
      this.take({ ...shape, coordinates: rounded(to) });
      this.said = said.a.shapes.centreAt(written(to));
    } else if (key === RADIUS) {
      const radius = this.#radius(to);
      this.take({ ...shape, extent: { subType: "Circle", radius } });
      this.said = said.a.shapes.radiusHandle(radius);
    } else if (key.endsWith(BETWEEN)) {
      const where = whereOf(key);
      this.take(inserted(shape, where, rounded(to)));
      this.chosen = keyOf({ ...where, point: where.point + 1 });
      this.said = said.a.shapes.insertedAs(where.point + 2, this.name(where));
    } else {
      this.move(whereOf(key), to);
    }
  }

  /** A dragged radius grows with the distance on the map, to a number as round as the way was long. */
  #radius(to: Position): number {
    const centre = this.shape?.coordinates as Position;
    const was = this.shape?.extent?.radius ?? 0;
    const metres = this.#edge ? (was * apart(centre, to)) / apart(centre, this.#edge) : was;
    const step = Math.max(1, 10 ** (Math.floor(Math.log10(Math.abs(metres - was) || 1)) - 1));
    return Math.max(step, Math.round(metres / step) * step);
  }
}

/** How far apart on a flat map of the place: only to compare two distances from one centre. */
function apart([lon, lat]: Position, [x, y]: Position): number {
  return Math.hypot((x - lon) * Math.cos((lat * Math.PI) / 180), y - lat);
}

/** A millionth of a degree is 0.1 m. */
function rounded([lon, lat]: Position): Position {
  return [Number(lon.toFixed(6)), Number(lat.toFixed(6))];
}

function layersOf(whole: Shape | null): Shape[] {
  const { geometries } = (whole ?? {}) as { geometries?: Shape[] };
  return whole?.type === "GeometryCollection" ? (geometries ?? []) : whole ? [whole] : [];
}

const MOST_CHARACTERS = 7;

/** An identifier beside another one, for its author to change: the same with a letter, B for the second part. */
function proposed(identifier: string, n: number): string {
  return identifier === "" || n > 25 ? "" : `${identifier.slice(0, MOST_CHARACTERS - 1)}${String.fromCharCode(65 + n)}`;
}
