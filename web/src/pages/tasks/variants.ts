// The columns of a comparison.
import type { Schemas } from '@/api/client'
import { t } from '@/strings'

export interface Column {
  key: number
  model: string
  version: string
  temperature: number | null
  maxTokens: number | null
}

let keys = 0

export const newColumn = (version = ''): Column => ({ key: ++keys, model: '', version, temperature: null, maxTokens: null })

/** The column that a task was run from. */
export function columnOf(task: Pick<Schemas['TaskView'], 'version' | 'model' | 'settings'>): Column {
  return {
    ...newColumn(task.version ? String(task.version) : ''),
    model: task.model === 'auto' ? '' : task.model,
    temperature: task.settings.temperature ?? null,
    maxTokens: task.settings.max_tokens ?? null,
  }
}

/** What the service is asked for; `versioned` for a template, whose versions have numbers and labels. */
export function asVariant(column: Column, versioned = true): Schemas['Variant'] {
  const settings = {
    ...(column.temperature == null ? {} : { temperature: column.temperature }),
    ...(column.maxTokens == null ? {} : { max_tokens: column.maxTokens }),
  }
  return {
    label: labelOf(column),
    version: !versioned || !column.version ? null : /^\d+$/.test(column.version) ? Number(column.version) : column.version,
    model: column.model || null,
    settings,
  } as Schemas['Variant']
}

/** A column by what sets it apart. */
export function labelOf(column: Column): string {
  const told = [
    column.model || t().tasks.auto,
    column.version && t().tasks.inVersion(column.version),
    column.temperature != null && `T ${column.temperature}`,
    column.maxTokens != null && `≤ ${column.maxTokens}`,
  ]
  return told.filter(Boolean).join(' · ').slice(0, 80)
}
