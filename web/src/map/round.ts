// A circle to draw, never to decide by: on a sphere, near enough for a picture.
const METRES_PER_DEGREE = 111_195;
const STEPS = 64;

export function around([lon, lat]: readonly [number, number], metres: number): [number, number][] {
  const degrees = metres / METRES_PER_DEGREE;
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const turn = (step / STEPS) * 2 * Math.PI;
    return [lon + (degrees * Math.sin(turn)) / Math.cos((lat * Math.PI) / 180), lat + degrees * Math.cos(turn)];
  });
}
