// The results of an evaluation as a table: rows by versions, and what became worse.
import type { Schemas } from '@/api/client'
import { labelOf } from '@/pages/tasks/variants'

export type Task = Schemas['TaskView']
export type Mark = 'met' | 'partly' | 'missed' | 'failed' | 'pending'

/** What came of one answer. An answer of which nothing is expected meets it by being there. */
export function markOf(task: Task): Mark {
  if (task.status === 'failed' || task.status === 'cancelled') return 'failed'
  if (task.status !== 'succeeded' || task.score == null) return 'pending'
  if (task.checks.every((check) => check.passed)) return 'met'
  return task.checks.some((check) => check.passed) ? 'partly' : 'missed'
}

export interface Row {
  index: number
  name: string
  variables: Record<string, unknown>
  /** By the number of the variant. */
  cells: (Task | undefined)[]
}

export function rowsOf(grid: Pick<Schemas['Grid'], 'inputs' | 'variants' | 'cells'>): Row[] {
  const rows = grid.inputs.map((variables, index): Row => ({ index, name: '', variables, cells: grid.variants.map(() => undefined) }))
  for (const cell of grid.cells) {
    const row = rows[cell.input]
    if (!row) continue
    row.cells[cell.variant] = cell.task
    row.name ||= cell.task.name
  }
  return rows
}

/** A row by what goes in, so that it is found again in another evaluation of the same data set. */
const inputOf = (variables: Record<string, unknown>): string => JSON.stringify(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)))

export type Change = 'worse' | 'better' | 'same' | 'none'
const ORDER: Record<Mark, number> = { met: 3, partly: 2, missed: 1, failed: 0, pending: -1 }
/** Scores of a judging model waver; so small a difference says nothing. */
const WAVERS = 0.05

/** How one answer does beside another one to the same input. */
export function changeOf(before: Task | undefined, after: Task | undefined): Change {
  if (!before || !after || before === after) return 'none'
  const [was, now] = [markOf(before), markOf(after)]
  if (was === 'pending' || now === 'pending') return 'none'
  if (ORDER[was] !== ORDER[now]) return ORDER[now] < ORDER[was] ? 'worse' : 'better'
  const by = (after.score ?? 0) - (before.score ?? 0)
  return Math.abs(by) < WAVERS ? 'same' : by < 0 ? 'worse' : 'better'
}

/** What the rows are compared with: a variant of this evaluation, or of an earlier one with the same inputs. */
export function againstOf(rows: readonly Row[], other: readonly Row[], variant: number): (row: Row) => Task | undefined {
  const found = new Map(other.map((row) => [inputOf(row.variables), row.cells[variant]]))
  return rows === other ? (row) => row.cells[variant] : (row) => found.get(inputOf(row.variables))
}

/** The rows in which a variant became worse or better. */
export function changesOf(rows: readonly Row[], variant: number, against: (row: Row) => Task | undefined): Record<'worse' | 'better', Row[]> {
  const by = (wanted: Change) => rows.filter((row) => changeOf(against(row), row.cells[variant]) === wanted)
  return { worse: by('worse'), better: by('better') }
}

export const percent = (score: number): string => `${Math.round(score * 100)} %`

/** A variant by what sets it apart, in the page's language. */
export const variantWords = (variant: Schemas['Variant']): string =>
  labelOf({ key: 0, model: variant.model ?? '', version: variant.version == null ? '' : String(variant.version), temperature: variant.settings?.temperature ?? null, maxTokens: variant.settings?.max_tokens ?? null })
