import { describe, expect, it } from 'vitest'
import { againstOf, changeOf, changesOf, markOf, rowsOf, type Task } from '@/pages/evaluations/grades'

const task = (score: number | null, passed: boolean[], more: Partial<Task> = {}): Task =>
  ({ id: 'x', name: 'Tides', status: 'succeeded', score, checks: passed.map((one) => ({ kind: 'contains', passed: one, score: Number(one), reason: '' })), ...more }) as Task
const grid = (cells: Task[][], inputs: Record<string, unknown>[]) =>
  rowsOf({ inputs: inputs as never, variants: cells[0]?.map((_, n) => `v${n}`) ?? [], cells: cells.flatMap((row, input) => row.map((one, variant) => ({ input, variant, task: one }))) })

describe('the results of an evaluation', () => {
  it('tells what was met, missed, failed and not there yet', () => {
    expect(markOf(task(1, [true, true]))).toBe('met')
    expect(markOf(task(0.5, [true, false]))).toBe('partly')
    expect(markOf(task(0, [false]))).toBe('missed')
    expect(markOf(task(1, []))).toBe('met')
    expect(markOf(task(0, [], { status: 'failed' }))).toBe('failed')
    expect(markOf(task(null, [], { status: 'running' }))).toBe('pending')
    expect(markOf(task(null, []))).toBe('pending')
  })

  it('calls worse what meets less, and not what a judge only wavers about', () => {
    expect(changeOf(task(1, [true]), task(0, [false]))).toBe('worse')
    expect(changeOf(task(0, [], { status: 'failed' }), task(0, [false]))).toBe('better')
    expect(changeOf(task(0.9, [true]), task(0.87, [true]))).toBe('same')
    expect(changeOf(task(0.9, [true]), task(0.75, [true]))).toBe('worse')
    expect(changeOf(task(0.9, [true]), undefined)).toBe('none')
  })

  it('finds rows again in an earlier evaluation by what goes in, in whatever order', () => {
    const before = grid([[task(1, [true])], [task(0, [false])]], [{ b: 1, a: 'x' }, { a: 'y' }])
    const after = grid([[task(0, [false])], [task(0, [false])], [task(1, [true])]], [{ a: 'y' }, { a: 'x', b: 1 }, { a: 'new' }])
    const found = changesOf(after, 0, againstOf(after, before, 0))
    expect(found.worse.map((row) => row.variables)).toEqual([{ a: 'x', b: 1 }])
    expect(found.better).toEqual([])
    const beside = grid([[task(1, [true]), task(0, [false])]], [{ a: 'x' }])
    expect(changesOf(beside, 1, againstOf(beside, beside, 0)).worse).toHaveLength(1)
    expect(changesOf(beside, 0, againstOf(beside, beside, 0)).worse).toHaveLength(0)
  })
})
