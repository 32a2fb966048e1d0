import { describe, expect, it } from 'vitest'
import { closed, lacking, namesIn, place, readValue, spelledOut, step, toContent, toDraft, writeValue, type Content, type Variable } from '@/pages/prompts/draft'

const settings = { model: null, tier: null, temperature: 0.7, top_p: null, max_tokens: null, seed: null, stop: null, answer_schema: null, max_cost: null }
const item = (given: { text?: string; part?: string; template?: string; when?: string }) => ({ text: null, part: null, template: null, when: null, ...given })
const content: Content = {
  variables: { topic: { type: 'text', help: 'About what.', required: true, default: null, choices: [] } },
  settings,
  answer: null,
  engine: 'default',
  messages: [
    { role: 'system', when: null, content: [item({ text: 'Be brief.\n' }), item({ part: 'honesty', when: 'not fiction' })] },
    { role: 'user', when: null, content: [item({ template: 'brief' })] },
  ],
}
const variable = (type: Variable['type']): Variable => ({ type, help: '', required: true, default: null, choices: [] })

describe('templates as they are edited', () => {
  it('come back as they were', () => {
    expect(toContent(toDraft(content))).toEqual(content)
  })

  it('move a piece within a message and over its border, and lose none', () => {
    const draft = toDraft(content)
    const order = () => draft.messages.map((m) => m.items.map((i) => i.value.trim()))
    expect(step(draft, 0, 0, -1)).toBe(false)
    expect(step(draft, 0, 0, 1)).toBe(true)
    expect(order()).toEqual([['honesty', 'Be brief.'], ['brief']])
    expect(step(draft, 0, 1, 1)).toBe(true)
    expect(order()).toEqual([['honesty'], ['Be brief.', 'brief']])
    expect(step(draft, 1, 1, 1)).toBe(false)
    place(draft, [0, 0], [1, 2])
    expect(order()).toEqual([[], ['Be brief.', 'brief', 'honesty']])
  })

  it('are spelled out for comparison', () => {
    expect(spelledOut(content)).toBe(
      '{{ topic }}: text · About what.\ntemperature = 0.7\n\n[system]\nBe brief.\n\n(when not fiction)\n‹part honesty›\n\n[user]\n‹template brief›',
    )
  })

  it('tell the names that they use', () => {
    expect(namesIn(['{{ a }} {{#if not b}}x{{else}}{{/if}} \\{{ c }}', '{{#each d}}{{this.e}}{{/each}}{{! f }}'])).toEqual(['a', 'b', 'd'])
  })

  it('are not put together while something is missing or half typed', () => {
    const inputs = { topic: variable('text'), mood: { ...variable('text'), default: 'calm' }, more: { ...variable('text'), required: false } }
    expect(lacking(inputs, {})).toEqual(['topic'])
    expect(lacking(inputs, { topic: 'rain' })).toEqual([])
    expect(closed(['A line about {{ topic }}.', '\\{{ as it stands'])).toBe(true)
    expect(closed(['A line about {{ top'])).toBe(false)
  })

  it('read what is typed by its type', () => {
    expect(readValue(variable('text'), '')).toBeUndefined()
    expect(readValue(variable('number'), '3.5')).toBe(3.5)
    expect(readValue(variable('flag'), 'false')).toBe(false)
    expect(readValue(variable('list'), 'a\n\n b ')).toEqual(['a', 'b'])
    expect(readValue(variable('json'), '{"a":[1]}')).toEqual({ a: [1] })
    expect(() => readValue(variable('json'), '{')).toThrow(SyntaxError)
    expect(writeValue(variable('list'), ['a', 'b'])).toBe('a\nb')
  })
})
