import { describe, expect, it } from 'vitest'
import { bringBack, columnsOf, dropRow, putRow, readBack, readRows, Unreadable, type Item } from '@/pages/evaluations/rows'

describe('rows of a data set', () => {
  it('are read from a table with quotes, line breaks and expectations', () => {
    const rows = readRows('name,subject,expect\nTides,"the ""tide"",\nand the moon",moon\n,lamps,\n')
    expect(rows).toEqual([
      { name: 'Tides', variables: { subject: 'the "tide",\nand the moon' }, expectations: [{ kind: 'contains', text: 'moon', match_case: false }] },
      { name: '', variables: { subject: 'lamps' }, expectations: [] },
    ])
  })

  it('are read as a spreadsheet copies them, and as a semicolon table', () => {
    expect(readRows('subject\trubric\r\ntides\tIs short.\r\n')[0]).toMatchObject({ variables: { subject: 'tides' }, expectations: [{ kind: 'rubric', rubric: 'Is short.' }] })
    expect(readRows('subject;words\ntides;30')[0]?.variables).toEqual({ subject: 'tides', words: '30' })
  })

  it('are read from JSON in both forms, and line by line', () => {
    expect(readRows('[{"subject": "tides", "words": 30}]')[0]?.variables).toEqual({ subject: 'tides', words: 30 })
    expect(readRows('{"items": [{"variables": {"subject": "tides"}, "expectations": [{"kind": "words", "most": 5}]}]}')[0]?.expectations).toHaveLength(1)
    expect(readRows('{"a": "1"}\n{"a": "2"}\n', 'rows.jsonl')).toHaveLength(2)
  })

  it('say what is wrong with what is none', () => {
    for (const text of ['', '[1, 2]', '{"a": ', 'what is this?\nno idea']) expect(() => readRows(text)).toThrow(Unreadable)
  })

  it('keep their changes apart from those that others made meanwhile', () => {
    const row = (name: string): Item => ({ name, variables: {}, expectations: [] })
    const [tides, lamps, gulls] = [row('tides'), row('lamps'), row('gulls')]
    const others = [gulls, tides, lamps]
    expect(putRow(others, lamps, row('lanterns'))).toEqual([gulls, tides, row('lanterns')])
    expect(putRow([gulls], lamps, row('lanterns'))).toEqual([gulls, row('lanterns')])
    expect(putRow(others, null, row('ferries'))).toEqual([...others, row('ferries')])
    expect(dropRow(others, lamps, 0)).toEqual([gulls, tides])
    expect(dropRow([tides, gulls, tides], tides, 2)).toEqual([tides, gulls])
    expect(dropRow([gulls], lamps, 0)).toEqual([gulls])
    expect(bringBack([gulls], tides, 5)).toEqual([gulls, tides])
    expect(bringBack([gulls, lamps], tides, 1)).toEqual([gulls, tides, lamps])
  })

  it('keep a number a number, and name the inputs of all rows', () => {
    expect(readBack('30', 20)).toBe(30)
    expect(readBack('30', '20')).toBe('30')
    expect(readBack('many', 20)).toBe('many')
    expect(columnsOf([{ name: '', variables: { a: '1' }, expectations: [] }, { name: '', variables: { b: '1', a: '2' }, expectations: [] }])).toEqual(['a', 'b'])
  })
})
