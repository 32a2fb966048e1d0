// A template as it is edited: pieces with keys of their own, so that they keep their place on the page when moved.
import type { Schemas } from '@/api/client'

export type Content = Schemas['TemplateContent']
export type Variable = Schemas['Variable']
export type Role = Content['messages'][number]['role']
export type ItemKind = 'text' | 'part' | 'template'

export interface Item {
  key: number
  kind: ItemKind
  /** The text itself, or the name of the part or template. */
  value: string
  when: string
}

export interface Message {
  key: number
  role: Role
  when: string
  items: Item[]
}

export interface Draft {
  messages: Message[]
  variables: Record<string, Variable>
  settings: Content['settings']
  answer: string | null
  engine: Content['engine']
}

let keys = 0
/** A copy that shares nothing, of what Vue watches as of plain values. */
export const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const key = (): number => ++keys

export const newItem = (kind: ItemKind, value = ''): Item => ({ key: key(), kind, value, when: '' })
export const newMessage = (role: Role): Message => ({ key: key(), role, when: '', items: [newItem('text')] })

export function toDraft(content: Content): Draft {
  return {
    messages: content.messages.map((message) => ({
      key: key(),
      role: message.role,
      when: message.when ?? '',
      items: message.content.map((item) => {
        const kind: ItemKind = item.part != null ? 'part' : item.template != null ? 'template' : 'text'
        return { key: key(), kind, value: item[kind] ?? '', when: item.when ?? '' }
      }),
    })),
    variables: clone(content.variables ?? {}),
    settings: clone(content.settings),
    answer: content.answer ?? null,
    engine: content.engine,
  }
}

export function toContent(draft: Draft): Content {
  return {
    variables: clone({ ...draft.variables }),
    settings: { ...draft.settings },
    answer: draft.answer,
    engine: draft.engine,
    messages: draft.messages.map((message) => ({
      role: message.role,
      when: message.when.trim() || null,
      content: message.items.map((item) => ({
        text: item.kind === 'text' ? item.value : null,
        part: item.kind === 'part' ? item.value : null,
        template: item.kind === 'template' ? item.value : null,
        when: item.when.trim() || null,
      })),
    })),
  }
}

/** A step up or down, over the border of a message into the one beside it. False where there is no further way. */
export function step(draft: Draft, message: number, item: number, by: 1 | -1): boolean {
  const from = draft.messages[message]
  if (!from) return false
  const to = item + by
  if (to >= 0 && to < from.items.length) {
    place(draft, [message, item], [message, to])
    return true
  }
  const beside = draft.messages[message + by]
  if (!beside) return false
  place(draft, [message, item], [message + by, by === 1 ? 0 : beside.items.length])
  return true
}

/** Take the piece at one place and put it at another, counted after it was taken out. */
export function place(draft: Draft, from: [number, number], to: [number, number]): void {
  const taken = draft.messages[from[0]]?.items.splice(from[1], 1)[0]
  if (taken) draft.messages[to[0]]?.items.splice(to[1], 0, taken)
}

/** The content as text that a person can compare, line by line. */
export function spelledOut(content: Content): string {
  const lines: string[] = []
  for (const [name, variable] of Object.entries(content.variables ?? {}).sort(([a], [b]) => a.localeCompare(b))) {
    const more = [variable.required === false && 'optional', variable.choices?.length && variable.choices.join(' | '), variable.default != null && `= ${JSON.stringify(variable.default)}`]
    lines.push(`{{ ${name} }}: ${[variable.type, ...more].filter(Boolean).join(', ')}${variable.help ? ` · ${variable.help}` : ''}`)
  }
  for (const [name, value] of Object.entries(content.settings ?? {}))
    if (value != null) lines.push(`${name} = ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  for (const message of content.messages) {
    lines.push('', `[${message.role}]${message.when ? ` when ${message.when}` : ''}`)
    for (const item of message.content) {
      if (item.when) lines.push(`(when ${item.when})`)
      if (item.part != null) lines.push(`‹part ${item.part}›`)
      else if (item.template != null) lines.push(`‹template ${item.template}›`)
      else lines.push(...(item.text ?? '').split('\n'))
    }
  }
  return lines.join('\n').trim()
}

const WORDS = new Set(['this', 'else', 'not', 'is', 'has', 'loop', 'and', 'or'])

/** The names that texts use between braces, whether declared or not. */
export function namesIn(texts: readonly string[]): string[] {
  const found = new Set<string>()
  for (const text of texts)
    for (const tag of text.matchAll(/(?<!\\)\{\{\s*(?:#(?:if|each)\s+)?(?:not\s+)?([A-Za-z_][A-Za-z0-9_]*)/g))
      if (tag[1] && !WORDS.has(tag[1])) found.add(tag[1])
  return [...found]
}

/** What is sent for a variable as typed; undefined leaves it out. Raises SyntaxError for JSON that is none. */
export function readValue(variable: Variable, typed: string): unknown {
  if (variable.type === 'flag') return typed === '' ? undefined : typed === 'true'
  if (typed === '') return undefined
  if (variable.type === 'number') return Number(typed)
  if (variable.type === 'list') return typed.split('\n').map((line) => line.trim()).filter(Boolean)
  if (variable.type === 'json') return JSON.parse(typed)
  return typed
}

/** All values as typed; `wrong` names one that is not of its type yet. */
export function readValues(inputs: Record<string, Variable>, typed: Record<string, string>): { given: Record<string, unknown>; wrong?: string } {
  const given: Record<string, unknown> = {}
  let wrong: string | undefined
  for (const [name, variable] of Object.entries(inputs))
    try {
      const value = readValue(variable, typed[name] ?? '')
      if (value !== undefined) given[name] = value
    } catch {
      wrong = name
    }
  return { given, wrong }
}

/** The inputs that have to be given and are not: nothing can be put together until they are. */
export function lacking(inputs: Record<string, Variable>, given: Record<string, unknown>): string[] {
  return Object.entries(inputs)
    .filter(([name, variable]) => variable.required !== false && variable.default == null && !(name in given))
    .map(([name]) => name)
}

/** Whether braces of the texts are closed: while one is being typed, nothing can be made of them. */
export function closed(texts: readonly string[]): boolean {
  return texts.every((text) => {
    const plain = text.replace(/\\\{\{/g, '')
    return (plain.match(/\{\{/g) ?? []).length === (plain.match(/\}\}/g) ?? []).length
  })
}

/** What stands in the field for a value that is there already. */
export function writeValue(variable: Variable, value: unknown): string {
  if (value == null) return ''
  if (variable.type === 'list' && Array.isArray(value)) return value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join('\n')
  if (variable.type === 'json' || typeof value === 'object') return JSON.stringify(value, null, 2)
  return String(value)
}

/** All that a template version takes: its own inputs, and those of its parts and templates beneath. */
export function inputsOf(version: Schemas['TemplateVersion']): Record<string, Variable> {
  let merged: Record<string, Variable> = {}
  for (const inner of Object.values(version.templates ?? {})) merged = { ...merged, ...inputsOf(inner) }
  for (const part of Object.values(version.parts)) merged = { ...merged, ...part.content.variables }
  return { ...merged, ...version.content.variables }
}
