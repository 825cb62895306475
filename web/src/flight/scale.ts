// Marks on an axis, in round numbers.

/** Return round numbers from 0 up to `most`, at most so many steps of them. */
export function axis(most: number, steps: number): number[] {
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? 10 * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, number) => Number((number * step).toPrecision(12)));
}

const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200, 131760];

/** Return moments between two others on whole steps of the clock, at most so many; milliseconds. */
export function clockMarks(from_ms: number, to_ms: number, most: number): number[] {
  const step = 60_000 * (MINUTES.find((minutes) => (to_ms - from_ms) / (minutes * 60_000) <= most) ?? MINUTES.at(-1)!);
  const first = Math.ceil(from_ms / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to_ms - first) / step) + 1) }, (_, number) => first + number * step);
}
