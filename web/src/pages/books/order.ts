// What the wizard asks for, and how an order that was given before comes into it again.
import { keepAs } from '@/api/kept'
import type { Schemas } from '@/api/client'

export type CoverStyle = NonNullable<Schemas['Brief']['cover_style']>
export const ANY = ''

/** A book that nothing was said about yet. */
export const fresh = () => ({
  kind: 'non-fiction' as 'non-fiction' | 'fiction',
  domain: ANY as string | null,
  niche: null as string | null,
  subject: '',
  title: '',
  author: '',
  audience: 'general readers',
  tone: 'clear and practical',
  language: 'en',
  words: 12000 as number | '',
  chapters: null as number | '' | null,
  trim: '6x9' as NonNullable<Schemas['Brief']['trim']>,
  approve: true,
  cover: 'minimalist' as CoverStyle | null,
  model: '',
  ceiling: null as number | '' | null,
  references: [] as string[],
})
export type Order = ReturnType<typeof fresh>

/** Where an order that is not given yet is kept. */
export const orderName = (project: string) => `new-book/${project}`

/** What a book was ordered with, to be changed and ordered again. Its files have to be chosen anew. */
export function orderOf(brief: Schemas['Brief']): Order {
  const blank = fresh()
  return {
    ...blank,
    kind: brief.kind ?? blank.kind,
    domain: brief.domain ?? ANY,
    niche: brief.niche ?? null,
    subject: brief.premise ?? brief.subject ?? brief.notes ?? '',
    title: brief.title ?? '',
    author: brief.author ?? '',
    audience: brief.audience ?? blank.audience,
    tone: brief.tone ?? blank.tone,
    language: brief.language ?? blank.language,
    words: brief.words ?? blank.words,
    chapters: brief.chapters ?? null,
    trim: brief.trim ?? blank.trim,
    approve: brief.approve_outline ?? blank.approve,
    cover: brief.cover_style ?? blank.cover,
  }
}

/** Let the wizard begin with what this book was ordered with. */
export function orderAgain(book: Schemas['BookView']): void {
  keepAs(orderName(book.project_id), orderOf(book.brief))
}
