import { expect, test } from 'vitest'
import { grown } from '@/api/grown'
import { LiveText } from '@/pages/books/live'

const told = (from: number, text: string, more: object = {}) => ({
  id: 1,
  kind: 'chapter_text',
  data: { chapter: '1', step: 'write_chapter', round: 0, from, text, words: 1, ...more },
})

test('pieces are put where they belong, also behind signs that count twice', () => {
  expect(grown('', 0, 'The 🪢 ')).toBe('The 🪢 ')
  expect(grown('The 🪢 ', 6, 'holds')).toBe('The 🪢 holds')
  expect(grown('The lamp', 4, 'moon')).toBe('The moon')
})

test('an attempt that begins anew takes the place of the one that broke off', () => {
  const live = new LiveText()
  live.note(told(0, 'Once '))
  live.note(told(5, 'upon'))
  live.note(told(0, 'Long ago'))
  live.note(told(0, 'and then', { step: 'continue_chapter', round: 1 }))
  expect(live.chapters.get('1')?.map((part) => part.text)).toEqual(['Long ago', 'and then'])
})
