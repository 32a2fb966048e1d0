// Which language the studio speaks: the browser's first that there is a catalogue for.
import { shallowRef } from 'vue'
import { en, type Strings } from './en'

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]
const KEY = 'scrivano.language'

export const language = shallowRef<Language>('en')
const strings = shallowRef<Strings>(en)

/** The catalogue; in a template `t().nav.home`, so that a change of language shows at once. */
export function t(): Strings {
  return strings.value
}

export async function speak(wanted: Language): Promise<void> {
  strings.value = wanted === 'de' ? (await import('./de')).de : en
  language.value = wanted
  document.documentElement.lang = wanted
  try {
    localStorage.setItem(KEY, wanted)
  } catch {
    // Kept for this page only.
  }
}

export function preferred(): Language {
  const kept = stored()
  const wishes = [kept ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2))
  return languages.find((known) => wishes[0] === known) ?? languages.find((known) => wishes.includes(known)) ?? 'en'
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
