import { expect, test } from 'vitest'
import { byWords, changes, merge } from '@/pages/books/desk/merging'
import { findQuote, toCharacters, toPlace } from '@/pages/books/desk/points'

let seed = 7
const dice = (n: number) => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed % n
}
const some = (n: number) => Array.from({ length: dice(n) }, () => 'abcd'.charAt(dice(4)))

function applied(a: string[], b: string[]): string[] {
  const out: string[] = []
  let at = 0
  for (const change of changes(a, b)) {
    out.push(...a.slice(at, change.a[0]), ...b.slice(...change.b))
    at = change.a[1]
  }
  return [...out, ...a.slice(at)]
}

test('changes turn one sequence into the other, whatever they are', () => {
  for (let n = 0; n < 400; n++) {
    const [a, b] = [some(14), some(14)]
    expect(applied(a, b)).toEqual(b)
  }
  expect(changes(['a'], ['a'])).toEqual([])
  expect(changes(['a', 'b', 'c'], ['a', 'c'])).toEqual([{ a: [1, 2], b: [1, 1] }])
})

test('words: what was there and what is there can both be read out of the pieces', () => {
  const [before, after] = ['The lamp is lit at six.', 'The old lamp is out at seven.']
  const pieces = byWords(before, after)
  const read = (without: string) => pieces.filter((piece) => piece.kind !== without).map((piece) => piece.text).join('')
  expect(read('added')).toBe(before)
  expect(read('removed')).toBe(after)
  expect(pieces.filter((piece) => piece.kind === 'same').map((piece) => piece.text)).toContain('The ')
})

test('changes in different paragraphs are joined without a question', () => {
  const base = 'one\n\ntwo\n\nthree'
  expect(merge(base, 'ONE\n\ntwo\n\nthree', 'one\n\ntwo\n\nTHREE\n\nfour')).toEqual({
    text: 'ONE\n\ntwo\n\nTHREE\n\nfour',
    disputed: 0,
    joined: 1,
  })
})

test('where both changed the same, mine stands and is counted; the same change twice is none', () => {
  const base = 'one\n\ntwo\n\nthree'
  expect(merge(base, 'one\n\nzwei\n\nthree', 'one\n\ndeux\n\nthree')).toMatchObject({
    text: 'one\n\nzwei\n\nthree',
    disputed: 1,
  })
  expect(merge(base, 'one\n\nzwei\n\nthree', 'one\n\nzwei\n\nthree')).toMatchObject({ disputed: 0 })
})

test('nothing of mine is lost, and theirs alone is theirs', () => {
  for (let n = 0; n < 400; n++) {
    const [base, mine, theirs] = [some(10).join('\n'), some(10).join('\n'), some(10).join('\n')]
    expect(merge(base, mine, base).text).toBe(mine)
    expect(merge(base, base, theirs).text).toBe(theirs)
    expect(merge(base, mine, mine).text).toBe(mine)
    if (merge(base, mine, theirs).disputed === 0 && mine !== base) {
      const kept = changes(base.split('\n'), mine.split('\n')).flatMap((c) => mine.split('\n').slice(...c.b))
      for (const line of kept) expect(merge(base, mine, theirs).text.split('\n')).toContain(line)
    }
  }
})

test('places of the browser and characters of the service', () => {
  const text = 'a🪢b🪢'
  expect([0, 1, 3, 4].map((at) => toCharacters(text, at))).toEqual([0, 1, 2, 3])
  expect([0, 1, 2, 3, 4].map((at) => toPlace(text, at))).toEqual([0, 1, 3, 4, 6])
  expect(findQuote('x lamp y lamp', 'lamp', 8)).toEqual({ from: 9, to: 13 })
  expect(findQuote('x lamp', 'gone')).toBeNull()
})
