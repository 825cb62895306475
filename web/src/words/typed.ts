// What is typed in a field for a number, while it is typed.

/** Milliseconds without a key after which a number counts as typed. */
export const TYPED_MS = 400;

/** Return the number that a field holds: null where it is empty, undefined where it is none or beyond the field's limits. */
export function typedNumber(field: HTMLInputElement): number | null | undefined {
  const { badInput, rangeUnderflow, rangeOverflow } = field.validity;
  if (badInput || rangeUnderflow || rangeOverflow) return undefined;
  return field.value.trim() === "" ? null : Number(field.value);
}
