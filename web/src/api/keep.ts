// What a page shows while it reads the same thing anew under another filter or version: what it showed before. A page
// that fell back to its skeleton instead would lose the focus and the place to which a person had scrolled.

export const keep = <T>(before: T | undefined): T | undefined => before

/** The same, but only while `now()` is what stood at this place of the key: never one thing's content under another's name. */
export function keepOf(part: number, now: () => unknown) {
  return <T>(before: T | undefined, query?: { queryKey: readonly unknown[] }): T | undefined =>
    JSON.stringify(query?.queryKey[part]) === JSON.stringify(now()) ? before : undefined
}
