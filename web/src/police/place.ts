// A place that is pointed at from where one stands.

/** The sphere on which a pointed-out place is reckoned; the Earth's own shape moves it by less than OFF. */
const RADIUS_M = 6_371_009;
const OFF = 0.01;

export const COMPASS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;
export type Way = (typeof COMPASS)[number];

/** Return the position at a distance and bearing (degrees from north) from another, longitude first. */
export function pointed([lon, lat]: [number, number], distance_m: number, bearing: number): [number, number] {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const arc = distance_m / RADIUS_M;
  const from = radians(lat);
  const to = Math.asin(Math.sin(from) * Math.cos(arc) + Math.cos(from) * Math.sin(arc) * Math.cos(radians(bearing)));
  const turn = Math.atan2(
    Math.sin(radians(bearing)) * Math.sin(arc) * Math.cos(from),
    Math.cos(arc) - Math.sin(from) * Math.sin(to),
  );
  const east = lon + (turn * 180) / Math.PI;
  return [((east + 540) % 360) - 180, (to * 180) / Math.PI];
}

/** How far a pointed-out place may be off: what is said, what the position is off by, and the reckoning. */
export function spreadAround(distance_m: number, spread_m: number, accuracy_m: number): number {
  return Math.ceil(spread_m + accuracy_m + OFF * distance_m);
}
