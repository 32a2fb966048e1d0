import { describe, expect, it } from 'vitest'
import { runsBoth } from '@/ui/editor/direction'

describe('the direction of a text', () => {
  it('is looked at line by line where anything runs from right to left', () => {
    expect(runsBoth('The keeper says: שלום.')).toBe(true)
    expect(runsBoth('كان البحر هادئا')).toBe(true)
    expect(runsBoth('', 'ar-EG')).toBe(true)
    expect(runsBoth('The sea was calm. 海很安静。', 'art')).toBe(false)
  })
})
