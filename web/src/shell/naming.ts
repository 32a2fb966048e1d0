// What runs and steps are called on the page.
import type { RouteLocationRaw } from 'vue-router'
import type { Schemas } from '@/api/client'

type Run = Schemas['RunView']

/** Step names are the field's own words with underscores: `write_chapter` of item 3 is "Write chapter 3". */
export function stepTitle(step: string, item: string): string {
  if (!step) return ''
  const words = step.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${item ? ` ${item}` : ''}`
}

export function runTitle(run: Run): string {
  const input = (run.input ?? {}) as { title?: string; brief?: { title?: string; subject?: string }; request?: { description?: string } }
  const named = input.title ?? input.brief?.title ?? input.brief?.subject ?? input.request?.description
  return named || stepTitle(run.pipeline, '')
}

/** The page of what the run makes. */
export function runPage(run: Run): RouteLocationRaw {
  const input = (run.input ?? {}) as { book_id?: string; song_id?: string }
  if (input.book_id) return { name: 'book', params: { id: input.book_id } }
  if (input.song_id) return { name: 'song', params: { id: input.song_id } }
  return { name: 'home' }
}

export function dollars(amount: number | string): string {
  const value = Number(amount)
  return value === 0 ? '$0' : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`
}
