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
  const scale = shown.width / map.getContainer().clientWidth;
  sign(context, whose(map), scale);
  if (place === null) return;
  const { x, y } = map.project(place);
  context.beginPath();
  context.arc(x * scale, y * scale, 7 * scale, 0, 2 * Math.PI);
  context.fillStyle = "#124a8c";
  context.strokeStyle = "#ffffff";
  context.lineWidth = 3 * scale;
  context.fill();
  context.stroke();
}

/** Whose map it is, as its sources say. */
function whose(map: maplibregl.Map): string {
  const said = Object.values(map.getStyle().sources).map((source) => ("attribution" in source ? (source.attribution ?? "") : ""));
  const plain = document.createElement("template");
  plain.innerHTML = [...new Set(said.filter(Boolean))].join(" | ");
  return plain.content.textContent ?? "";
}

function sign(context: CanvasRenderingContext2D, text: string, scale: number): void {
  const { width, height } = context.canvas;
  context.font = `${15 * scale}px system-ui, sans-serif`;
  const wide = context.measureText(text).width + 12 * scale;
  context.fillStyle = "rgb(255 255 255 / 0.85)";
  context.fillRect(width - wide, height - 24 * scale, wide, 24 * scale);
  context.fillStyle = "#16202c";
  context.fillText(text, width - wide + 6 * scale, height - 7 * scale);
}
