import { describe, expect, it } from 'vitest'
import type { Schemas } from '@/api/client'
import { diffWords, noteWords, ranges } from '@/pages/music/versions'

type Bar = Schemas['BarDiff']
const bar = (number: number, state: Bar['state'], parts: Bar['parts'] = []): Bar => ({ number, section: 'A', state, before: ['G7'], after: ['D♭7'], parts })
const diff = (bars: Bar[], more: Partial<Schemas['SongDiff']> = {}): Schemas['SongDiff'] => ({ song_id: 's', old: 1, new: 2, changes: [], moved: false, bars, ...more })

describe('versions of a song in words', () => {
  it('says runs of bars as ranges', () => {
    expect(ranges([7, 2, 3, 4])).toBe('2–4, 7')
    expect(ranges([])).toBe('')
  })

  it('says what made a version, and leaves a note that it does not know as it is', () => {
    expect(noteWords('bar 3: Db7 for G7', 2)).toBe('Bar 3: Db7 for G7')
    expect(noteWords('bars made anew, seed 9', 2)).toBe('Bars written anew')
    expect(noteWords('version 3 again (undone)', 4)).toBe('Undone, back to version 3')
    expect(noteWords('version 3 again', 4)).toBe('Version 3 taken again')
    expect(noteWords('in Eb minor', 4)).toBe('Moved to Eb minor')
    expect(noteWords('', 1)).toBe('First written')
    expect(noteWords('by hand', 5)).toBe('by hand')
  })

  it('says which bars have other chords, and who plays otherwise', () => {
    const told = diffWords(diff([bar(1, 'same'), bar(2, 'chords', ['left']), bar(3, 'notes', ['left', 'drums']), bar(4, 'notes', ['drums'])]))
    expect(told).toEqual(['One bar of 4 has other chords: 2.', 'Bars 3–4 have the same chords, played otherwise: Left hand, Drums.'])
    expect(diffWords(diff([bar(1, 'same')]))).toEqual([])
  })

  it('does not count every chord of a song that only moved to another key', () => {
    const moved = diff([bar(1, 'chords'), bar(2, 'chords')], { moved: true, changes: [{ field: 'key', before: 'C', after: 'Eb' }] })
    expect(diffWords(moved)).toEqual(['Key: C became Eb.', 'The chords are the same ones, moved to the new key.'])
  })
})
