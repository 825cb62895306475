// What the map shows, as a picture for paper.
import type * as maplibregl from "maplibre-gl";

/** Draw the map as it stands, with a mark at a place: drawn at once, since what is printed does not wait. */
export function paintOn(canvas: HTMLCanvasElement, map: maplibregl.Map, place: [number, number] | null): void {
  map.redraw();
  const shown = map.getCanvas();
  [canvas.width, canvas.height] = [shown.width, shown.height];
  const context = canvas.getContext("2d");
  if (!context || shown.width === 0) return;
  context.drawImage(shown, 0, 0);
  if (place === null) return;
  const scale = shown.width / map.getContainer().clientWidth;
  const { x, y } = map.project(place);
  context.beginPath();
  context.arc(x * scale, y * scale, 7 * scale, 0, 2 * Math.PI);
  context.fillStyle = "#124a8c";
  context.strokeStyle = "#ffffff";
  context.lineWidth = 3 * scale;
  context.fill();
  context.stroke();
}
