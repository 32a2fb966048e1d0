import { describe, expect, it } from 'vitest'
import { given } from '@/ui/numbers'

describe('a field for numbers', () => {
  it('that was emptied holds none', () => {
    expect([given(0), given(1.5)]).toEqual([0, 1.5])
    expect([given(''), given(null), given(undefined), given('x'), given(Number.NaN)]).toEqual([null, null, null, null, null])
  })
})
