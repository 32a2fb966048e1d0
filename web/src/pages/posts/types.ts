// What the pages of posts hold, as the service gives it.
import type { paths, Schemas } from '@/api/client'

type Answer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer T } } } }
}
  ? T
  : never

export type Post = Schemas['PostView']
export type PostInfo = Schemas['PostInfo']
export type Workflow = Schemas['WorkflowView']
export type Stage = Workflow['content']['stages'][number]
export type Action = NonNullable<Stage['actions']>[number]
export type FieldSpec = Workflow['content']['fields'][number]
export type Proposal = Answer<'/api/posts/{post_id}/proposals'>[number]
export type Source = Schemas['SourceView']
export type Preview = Schemas['ActionPreview']
export type PublishPreview = Schemas['scrivano__publishing__dto__Preview']
export type Value = Post['fields'][string]

export interface Section {
  heading: string
  points: string[]
  sources: number[]
}

export interface Finding {
  quote: string
  problem: string
  fix: string
}

/** A field's value as the control of its kind needs it, whatever is stored. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : value == null ? '' : String(value))
export const asLines = (value: unknown): string[] => (Array.isArray(value) ? value.map(asText) : [])

export function asSections(value: unknown): Section[] {
  if (!Array.isArray(value)) return []
  return value.map((item: Partial<Section>) => ({
    heading: asText(item?.heading),
    points: asLines(item?.points),
    sources: Array.isArray(item?.sources) ? item.sources.map(Number).filter(Number.isInteger) : [],
  }))
}

export function asFindings(value: unknown): Finding[] {
  if (!Array.isArray(value)) return []
  return value.map((item: Partial<Finding>) => ({
    quote: asText(item?.quote),
    problem: asText(item?.problem),
    fix: asText(item?.fix),
  }))
}

/** A value as plain lines, for a comparison of before and after. */
export function inLines(value: unknown): string {
  if (value == null) return ''
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
  return value
    .map((item: unknown) => {
      if (typeof item !== 'object' || item === null) return String(item)
      const section = item as Partial<Section & Finding>
      if (section.heading !== undefined)
        return [`# ${section.heading}`, ...asLines(section.points).map((point) => `- ${point}`)]
          .concat(section.sources?.length ? [`[${section.sources.join(', ')}]`] : [])
          .join('\n')
      return [section.quote && `> ${section.quote}`, section.problem, section.fix].filter(Boolean).join('\n')
    })
    .join('\n')
}

/** Whether a field holds something, as the service counts it. */
export const isFilled = (value: unknown): boolean =>
  !(value == null || (typeof value === 'string' && !value.trim()) || (Array.isArray(value) && !value.length))
