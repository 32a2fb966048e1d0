// What books, runs and steps are called on the page.
import type { Schemas } from '@/api/client'
import { t } from '@/strings'

/** A book by its title; one that has none yet by what it is to be about. */
export function nameOf(book: Schemas['BookView']): string {
  const known = book.title || book.outline?.title
  const about = known || book.brief.subject || book.brief.premise || t().books.untitled
  return known || about.length <= 120 ? about : `${about.slice(0, 120).trimEnd()} …`
}

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

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** How long ago a moment was, in the page's language: "3 hours ago". */
export function since(moment: string, now = Date.now()): string {
  const seconds = (new Date(moment).getTime() - now) / 1000
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || 'en', { numeric: 'auto' })
  for (const [unit, length] of STEPS) if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit)
  return words.format(0, 'minute')
}
