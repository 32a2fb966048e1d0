// The settings of a place to publish to, as the texts that a form holds, and back.
import type { Schemas } from '@/api/client'

type Settings = NonNullable<Schemas['NewTarget']['settings']>
const LISTS = new Set(['recipients', 'categories'])
const NUMBERS = new Set(['port', 'entries', 'categories'])
export const CHOICES: Record<string, string[]> = {
  markup: ['blocks', 'html'],
  security: ['starttls', 'tls', 'none'],
  visibility: ['public', 'members', 'paid'],
}
export const isList = (name: string) => LISTS.has(name)
export const isNumber = (name: string) => NUMBERS.has(name) && !LISTS.has(name)

export function textsOf(settings?: Settings): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(settings ?? {})) texts[name] = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  return texts
}

/** Only what the kind has and what was given: the service fills in the rest, and says what is wrong. */
export function settingsFrom(texts: Record<string, string>, names: string[]): Settings {
  const settings: Record<string, unknown> = {}
  for (const name of names) {
    const text = String(texts[name] ?? '').trim()
    if (!text) continue
    const read = (one: string) => (NUMBERS.has(name) ? Number(one) : one)
    settings[name] = LISTS.has(name) ? text.split(/[,\s]+/).filter(Boolean).map(read) : read(text)
  }
  return settings as Settings
}
