import { describe, expect, it } from 'vitest'
import { asVariant, columnOf, labelOf, newColumn } from '@/pages/tasks/variants'

const settings = { model: null, tier: null, temperature: null, top_p: null, max_tokens: null, seed: null, stop: null, answer_schema: null, max_cost: null }

describe('the columns of a comparison', () => {
  it('are told by what a task was run with, whatever they are set to afterwards', () => {
    const ran = columnOf({ model: 'here/small', version: 3, settings: { ...settings, temperature: 0.4, max_tokens: 200 } })
    expect(ran).toMatchObject({ model: 'here/small', version: '3', temperature: 0.4, maxTokens: 200 })
    expect(labelOf(ran)).toMatch(/^here\/small · .*3 · T 0.4 · ≤ 200$/)
    expect(columnOf({ model: 'auto', version: null, settings })).toMatchObject({ model: '', version: '', temperature: null, maxTokens: null })
  })

  it('ask for what was chosen and nothing else', () => {
    expect(asVariant({ ...newColumn('7'), model: 'here/small' })).toMatchObject({ model: 'here/small', version: 7, settings: {} })
    expect(asVariant(newColumn('7'), false)).toMatchObject({ model: null, version: null, settings: {} })
  })
})
