// Handles on the map: buttons that are dragged, nudged with the arrow keys and taken away with Delete.
import * as maplibregl from "maplibre-gl";

type Position = [number, number];

export interface Handle {
  key: string;
  kind: "corner" | "between" | "centre" | "radius";
  position: Position;
  /** What is written on it, for eyes. */
  mark: string;
  /** What it is, for ears. */
  label: string;
}

export interface Handled {
  handles: readonly Handle[];
  /** The handle that is looked at, on the map or elsewhere. */
  chosen: string | null;
  choose(key: string): void;
  drag(key: string, to: Position): void;
  drop(key: string, to: Position): void;
  /** Take it away, and name the handle to go to; null where it stays. */
  remove(key: string): string | null;
  /** Put a point where it is, and name it. */
  add(key: string): string;
}

/** Targets are this far apart at least, so that each can be hit (WCAG 2.5.8). */
const APART_PX = 26;
const MARGIN_PX = 16;
const MOST = 250;
const NUDGE_PX = 4;
const FAR_NUDGE_PX = 24;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const RANK: Record<Handle["kind"], number> = { centre: 0, radius: 0, corner: 1, between: 2 };

interface Placed {
  marker: maplibregl.Marker;
  element: HTMLButtonElement;
  handle: Handle;
}

export class Handles {
  #placed = new Map<string, Placed>();
  #handled: Handled | null = null;
  #dragged: string | null = null;
  #awaited: string | null = null;

  constructor(
    readonly map: maplibregl.Map,
    readonly left: (count: number) => void,
  ) {
    map.on("moveend", this.#place);
  }

  show(handled: Handled): void {
    const before = this.#handled?.chosen ?? null;
    this.#handled = handled;
    if (handled.chosen !== before && this.#dragged === null) this.#see(handled.chosen);
    this.#place();
  }

  /** Move the map to a handle that is out of view. */
  #see(key: string | null): void {
    const position = this.#handled?.handles.find((each) => each.key === key)?.position;
    if (position && !this.#isInView(position, MARGIN_PX)) this.map.jumpTo({ center: position });
  }

  #isInView(position: Position, margin: number): boolean {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const { x, y } = this.map.project(position);
    return x >= margin && y >= margin && x <= clientWidth - margin && y <= clientHeight - margin;
  }

  remove(): void {
    this.map.off("moveend", this.#place);
    for (const { marker } of this.#placed.values()) marker.remove();
    this.#placed.clear();
  }

  /** Place the handles that are in view and far enough apart; corners before what is between them. */
  #place = (): void => {
    if (!this.#handled || this.#dragged !== null) return;
    const wanted = this.#roomFor(this.#handled);
    for (const [key, { marker, element }] of this.#placed) {
      if (wanted.has(key)) continue;
      if (element === document.activeElement) this.map.getCanvas().focus();
      marker.remove();
      this.#placed.delete(key);
    }
    // The last first, each new one before the one that follows it: the Tab key goes around the ring.
    let next: Element | null = null;
    for (const handle of this.#handled.handles.filter(({ key }) => wanted.has(key)).reverse()) {
      const placed: Placed = this.#placed.get(handle.key) ?? this.#made(handle, next);
      next = placed.element;
      placed.handle = handle;
      placed.marker.setLngLat(handle.position);
      placed.element.textContent = handle.mark;
      placed.element.setAttribute("aria-label", handle.label);
      placed.element.classList.toggle("chosen", handle.key === this.#handled.chosen);
    }
    const awaited = this.#awaited === null ? undefined : this.#placed.get(this.#awaited);
    if (!awaited) return;
    this.#awaited = null;
    awaited.element.focus();
  };

  #roomFor({ handles, chosen }: Handled): Set<string> {
    const seen: [number, number][] = [];
    const wanted = new Set<string>();
    let left = 0;
    const first = [chosen, this.#awaited];
    const ranked = [...handles].sort((a, b) => Number(first.includes(b.key)) - Number(first.includes(a.key)) || RANK[a.kind] - RANK[b.kind]);
    for (const handle of ranked) {
      if (!this.#isInView(handle.position, 0)) continue;
      const { x, y } = this.map.project(handle.position);
      const isClose = seen.some(([u, v]) => Math.abs(u - x) < APART_PX && Math.abs(v - y) < APART_PX);
      if (isClose || wanted.size >= MOST) {
        if (handle.kind !== "between") left += 1;
        continue;
      }
      seen.push([x, y]);
      wanted.add(handle.key);
    }
    this.left(left);
    return wanted;
  }

  #made(handle: Handle, next: Element | null): Placed {
    const { key, kind } = handle;
    const element = document.createElement("button");
    element.type = "button";
    element.className = `handle ${kind}`;
    const marker = new maplibregl.Marker({ element, draggable: true }).setLngLat(handle.position);
    const placed: Placed = { marker, element, handle };
    const at = (): Position => marker.getLngLat().wrap().toArray();
    marker.on("dragstart", () => {
      this.#dragged = key;
      this.#handled?.choose(key);
    });
    marker.on("drag", () => this.#handled?.drag(key, at()));
    marker.on("dragend", () => {
      this.#dragged = null;
      this.#handled?.drop(key, at());
      this.#place();
    });
    element.addEventListener("focus", () => this.#handled?.choose(key));
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      if (kind === "between") this.#add(key);
    });
    element.addEventListener("keydown", (event) => this.#key(event, placed));
    this.#placed.set(key, placed);
    marker.addTo(this.map);
    if (next) next.before(element);
    return placed;
  }

  #key(event: KeyboardEvent, { handle, marker }: Placed): void {
    const arrow = ARROWS[event.key];
    const isDelete = event.key === "Delete" || event.key === "Backspace";
    if (!arrow && !isDelete) return;
    event.preventDefault();
    event.stopPropagation();
    if (isDelete) {
      if (handle.kind !== "corner") return;
      this.#awaited = this.#handled?.remove(handle.key) ?? null;
      return;
    }
    const key = handle.kind === "between" ? this.#add(handle.key) : handle.key;
    const step = event.shiftKey ? FAR_NUDGE_PX : NUDGE_PX;
    const { x, y } = this.map.project(marker.getLngLat());
    const to = this.map.unproject([x + arrow![0] * step, y + arrow![1] * step]).wrap().toArray();
    if (!this.#isInView(to, MARGIN_PX)) this.map.jumpTo({ center: to });
    this.#handled?.drop(key, to);
  }

  #add(key: string): string {
    const added = this.#handled?.add(key) ?? key;
    this.#awaited = added;
    return added;
  }
}
