import { describe, expect, it } from 'vitest'
import { compareTexts, readUnified } from '@/ui/unified'

describe('comparisons', () => {
  it('reads the lines of a patch without its head', () => {
    const patch = '--- 1\n+++ 2\n@@ -1,2 +1,2 @@\n one\n-two\n+--- three\n@@ -9 +9 @@\n-x\n'
    expect(readUnified(patch)).toEqual([
      { kind: 'same', text: 'one' },
      { kind: 'removed', text: 'two' },
      { kind: 'added', text: '--- three' },
      { kind: 'place', text: '⋯' },
      { kind: 'removed', text: 'x' },
    ])
    expect(readUnified('')).toEqual([])
  })

  it('gives back both texts from what came, went and stayed', () => {
    const before = 'a\nb\nc\nd'
    const after = 'a\nx\nc\nd\ne'
    const lines = compareTexts(before, after)
    expect(lines.filter((l) => l.kind !== 'added').map((l) => l.text).join('\n')).toBe(before)
    expect(lines.filter((l) => l.kind !== 'removed').map((l) => l.text).join('\n')).toBe(after)
    expect(lines.filter((l) => l.kind === 'same')).toHaveLength(3)
    expect(compareTexts('', 'one').map((l) => l.kind)).toEqual(['added'])
  })
})
