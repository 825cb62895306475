/** A position in degrees, latitude first as people read it: “52.31000 N, 4.76390 E”. */
export function position(lon: number, lat: number): string {
  return `${Math.abs(lat).toFixed(5)} ${lat < 0 ? "S" : "N"}, ${Math.abs(lon).toFixed(5)} ${lon < 0 ? "W" : "E"}`;
}
