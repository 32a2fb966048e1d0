// What somebody typed into a field for numbers.

/** The number, or null where the field is empty: `v-model.number` gives '' then, which is no number to anybody. */
export function given(typed: number | string | null | undefined): number | null {
  return typeof typed === 'number' && Number.isFinite(typed) ? typed : null
}
