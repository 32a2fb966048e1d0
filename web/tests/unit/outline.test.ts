import { expect, test } from 'vitest'
import { moved, renumbered, type Planned } from '@/pages/books/outline'

const chapter = (was: number, depends_on: number[] = []): Planned => ({
  key: was,
  was,
  title: `c${was}`,
  words: 500,
  points: ' one \n\ntwo',
  rest: { number: was, title: `c${was}`, summary: '', points: [], words: 1, depends_on },
})

test('chapters get their numbers by their places, and what depends on them follows', () => {
  const made = renumbered([chapter(2), chapter(1), chapter(3, [1, 2])])
  expect(made.map((c) => [c.number, c.title, c.depends_on])).toEqual([
    [1, 'c2', []],
    [2, 'c1', []],
    [3, 'c3', [2, 1]],
  ])
  expect(made[0]?.points).toEqual(['one', 'two'])
})

test('nothing depends on a chapter that is gone, or that comes later', () => {
  expect(renumbered([chapter(3, [1, 2]), chapter(2)]).map((c) => c.depends_on)).toEqual([[], []])
  expect(renumbered([chapter(2, [0]), { ...chapter(0), key: 9 }])[0]?.depends_on).toEqual([])
})

test('moving takes one from its place to another', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
})
