// Versions of a song in words.
import type { Schemas } from '@/api/client'
import { t } from '@/strings'

/** Numbers as people say them: 2, 3, 4 and 7 are "2–4, 7". */
export function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last && number <= last[1] + 1) last[1] = Math.max(last[1], number)
    else found.push([number, number])
  }
  return found.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
}

/** What made a version, in the page's language; a note that is none of the service's own stays as it is. */
export function noteWords(note: string, number: number): string {
  const words = t().music.versions.notes
  const known: [RegExp, (found: string[]) => string][] = [
    [/^bars made anew, seed \d+$/, () => words.anew],
    [/^bars (\d+) to (\d+) reharmonized$/, ([, first, last]) => words.reharmonized(first ?? '', last ?? '')],
    [/^bar (\d+): (.+) for (.+)$/, ([, bar, now, was]) => words.substituted(bar ?? '', now ?? '', was ?? '')],
    [/^in (\S+) (major|minor)$/, ([, key, mode]) => words.transposed(`${key} ${mode === 'minor' ? t().music.minor : t().music.major}`)],
    [/^difficulty (\d)$/, ([, level]) => words.difficulty(level ?? '')],
    [/^now called (.+)$/, ([, title]) => words.called(title ?? '')],
    [/^version (\d+) again(?: \((undone|redone)\))?$/, ([, n, how]) => (how === 'undone' ? words.undone : how === 'redone' ? words.redone : words.again)(n ?? '')],
  ]
  for (const [pattern, say] of known) {
    const found = pattern.exec(note)
    if (found) return say(found)
  }
  return note || (number === 1 ? words.first : '')
}

/** What differs between two versions, a sentence each. */
export function diffWords(diff: Schemas['SongDiff']): string[] {
  const words = t().music.versions
  const of = (state: Schemas['BarDiff']['state']) => diff.bars.filter((bar) => bar.state === state)
  const numbers = (bars: Schemas['BarDiff'][]) => ranges(bars.map((bar) => bar.number))
  const told = diff.changes.map((change) => words.changed(words.fields[change.field], valueOf(change.field, change.before), valueOf(change.field, change.after)))
  const [chords, notes, added, removed] = [of('chords'), of('notes'), of('added'), of('removed')]
  if (diff.moved) told.push(words.moved)
  else if (chords.length) told.push(words.chords(chords.length, diff.bars.length, numbers(chords)))
  if (notes.length) {
    const parts = [...new Set(notes.flatMap((bar) => bar.parts))].map((part) => t().music.parts[part])
    told.push(words.played(notes.length, numbers(notes), parts.join(', ')))
  }
  if (added.length) told.push(words.added(numbers(added)))
  if (removed.length) told.push(words.removed(numbers(removed)))
  return told
}

function valueOf(field: Schemas['SongChange']['field'], value: string): string {
  if (field === 'mode') return value === 'minor' ? t().music.minor : t().music.major
  return value || t().common.none
}

/** A chord symbol with the signs that musicians read: Bbm7b5 is B♭m7♭5. */
export const pretty = (symbol: string): string => symbol.replaceAll('b', '♭').replaceAll('#', '♯')
