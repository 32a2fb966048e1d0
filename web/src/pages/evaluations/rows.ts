// Rows of a data set as they are typed, pasted or read from a file.
import type { Schemas } from '@/api/client'

export type Item = Schemas['Item']
export type Expectation = NonNullable<Item['expectations']>[number]
export type Kind = Expectation['kind']

export const KINDS: readonly Kind[] = ['contains', 'not_contains', 'words', 'regex', 'rubric', 'schema']

export class Unreadable extends Error {}

const same = (one: Item, other: Item): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The rows with `item` in the place of `before`; at the end where there is no such row, or no longer. */
export function putRow(rows: readonly Item[], before: Item | null, item: Item): Item[] {
  const at = before ? rows.findIndex((row) => same(row, before)) : -1
  return at < 0 ? [...rows, item] : rows.map((row, n) => (n === at ? item : row))
}

/** The rows without `item`, of several alike without the one that stands nearest to `at`. */
export function dropRow(rows: readonly Item[], item: Item, at: number): Item[] {
  const alike = rows.map((row, n) => (same(row, item) ? n : -1)).filter((n) => n >= 0)
  const gone = alike.sort((a, b) => Math.abs(a - at) - Math.abs(b - at))[0]
  return rows.filter((_, n) => n !== gone)
}

/** The rows with `item` back at its place, or as near to it as there is one. */
export function bringBack(rows: readonly Item[], item: Item, at: number): Item[] {
  return [...rows.slice(0, at), item, ...rows.slice(at)]
}

/** A table with a column for each input; a column `name` names the row, columns `expect` and `rubric` say what is expected. */
export function readRows(text: string, fileName = ''): Item[] {
  const given = text.replace(/^\uFEFF/, '').trim()
  if (!given) throw new Unreadable('empty')
  if (/\.jsonl$/i.test(fileName) || (given.startsWith('{') && given.includes('\n{'))) return given.split('\n').filter((line) => line.trim()).map((line) => asItem(json(line)))
  if (given.startsWith('[') || given.startsWith('{')) {
    const whole = json(given)
    const rows = Array.isArray(whole) ? whole : (whole as { items?: unknown }).items
    if (!Array.isArray(rows)) throw new Unreadable('rows')
    return rows.map(asItem)
  }
  return readTable(given)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreadable('json')
  }
}

function asItem(value: unknown): Item {
  if (!value || typeof value !== 'object' || Array.isArray(value)) throw new Unreadable('rows')
  const row = value as Record<string, unknown>
  if (row.variables && typeof row.variables === 'object')
    return { name: typeof row.name === 'string' ? row.name : '', variables: row.variables as Item['variables'], expectations: (Array.isArray(row.expectations) ? row.expectations : []) as Expectation[] }
  return ofColumns(row)
}

function ofColumns(row: Record<string, unknown>): Item {
  const { name, expect, rubric, ...variables } = row
  const expectations: Expectation[] = []
  if (typeof expect === 'string' && expect.trim()) expectations.push({ kind: 'contains', text: expect.trim(), match_case: false })
  if (typeof rubric === 'string' && rubric.trim()) expectations.push({ kind: 'rubric', rubric: rubric.trim(), threshold: 0.7 })
  return { name: typeof name === 'string' ? name : '', variables: variables as Item['variables'], expectations }
}

/** CSV or text between tabs, as a spreadsheet copies it; the first line names the columns. */
function readTable(text: string): Item[] {
  const first = text.split('\n', 1)[0] ?? ''
  const mark = first.includes('\t') ? '\t' : first.includes(';') && !first.includes(',') ? ';' : ','
  const [head, ...lines] = cellsOf(text, mark)
  const names = (head ?? []).map((name) => name.trim())
  if (!names.length || names.some((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))) throw new Unreadable('head')
  return lines.filter((line) => line.some((cell) => cell.trim())).map((line) => ofColumns(Object.fromEntries(names.map((name, n) => [name, line[n] ?? '']))))
}

function cellsOf(text: string, mark: string): string[][] {
  const lines: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (sign === '"' && !cell) quoted = true
    else if (sign === mark || sign === '\n') {
      lines.at(-1)?.push(cell.replace(/\r$/, ''))
      cell = ''
      if (sign === '\n') lines.push([])
    } else cell += sign
  }
  lines.at(-1)?.push(cell.replace(/\r$/, ''))
  return lines
}

/** What an expectation begins with when it is added. */
export function newExpectation(kind: Kind): Expectation {
  if (kind === 'words') return { kind, least: 1, most: 200 }
  if (kind === 'regex') return { kind, pattern: '' }
  if (kind === 'rubric') return { kind, rubric: '', threshold: 0.7 }
  if (kind === 'schema') return { kind, json_schema: { type: 'object' } }
  return { kind, text: '', match_case: false }
}

/** A value as it is typed: text as it is, everything else as JSON. */
export const written = (value: unknown): string => (typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value))

/** What was typed, as what it was before where that was no text: a number stays a number. */
export function readBack(typed: string, before: unknown): unknown {
  if (typeof before === 'string' || before == null) return typed
  try {
    return JSON.parse(typed) as unknown
  } catch {
    return typed
  }
}

/** The inputs that any row has, in their order. */
export const columnsOf = (items: readonly Item[]): string[] => [...new Set(items.flatMap((item) => Object.keys(item.variables ?? {})))]
