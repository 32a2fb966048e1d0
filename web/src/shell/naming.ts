// What runs and steps are called on the page.
/** Step names are the field's own words with underscores: `write_chapter` of item 3 is "Write chapter 3". */
export function stepTitle(step: string, item: string): string {
  if (!step) return ''
  const words = step.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${item ? ` ${item}` : ''}`
}

export function dollars(amount: number | string): string {
  const value = Number(amount)
  return value === 0 ? '$0' : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`
}
