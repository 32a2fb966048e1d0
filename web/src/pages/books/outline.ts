// The outline while a person changes it: chapters move, and what depends on them moves along.
import type { Schemas } from '@/api/client'

export interface Planned {
  key: number
  /** Its number in the outline that was proposed; 0 for one that a person added. */
  was: number
  title: string
  words: number
  /** A line each. */
  points: string
  rest: Schemas['OutlineChapter']
}

export function moved<T>(all: readonly T[], from: number, to: number): T[] {
  const next = [...all]
  const [taken] = next.splice(from, 1)
  if (taken !== undefined) next.splice(to, 0, taken)
  return next
}

/** Chapters numbered in their order; none depends any more on one that is gone, or that now comes later. */
export function renumbered(chapters: readonly Planned[]): Schemas['OutlineChapter'][] {
  const place = new Map(chapters.map((chapter, n) => [chapter.was, n + 1]))
  place.delete(0)
  return chapters.map((chapter, n) => ({
    ...chapter.rest,
    number: n + 1,
    title: chapter.title,
    words: Number(chapter.words) || 0,
    points: chapter.points.split('\n').map((line) => line.trim()).filter(Boolean),
    depends_on: (chapter.rest.depends_on ?? [])
      .map((number) => place.get(number) ?? 0)
      .filter((number) => number > 0 && number < n + 1),
  }))
}
