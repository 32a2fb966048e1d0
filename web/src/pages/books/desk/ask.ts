// Having a passage written by a model: what it is shown, what it will cost, the text as it comes.
import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose, ref, shallowRef } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import { grown } from '@/api/grown'
import { follow, type Following } from '@/api/events'
import type { Desk } from './desk'
import { toCharacters } from './points'

export type Wanted = 'rewrite' | 'continue'

export interface Order {
  kind: Wanted
  from: number
  to: number
  wishes: string
  words: number
  model: string
}

/** So much of the text around a passage goes with it. */
const AROUND = 1_500

export function task(desk: Desk, book: Schemas['BookView'], text: string, order: Order): Schemas['NewTask'] {
  const on = desk.chapter.value
  const { from, to } = order
  const common = {
    language: book.brief.language ?? 'en',
    book: book.title || book.outline?.title || '',
    chapter: on?.title ?? '',
    wishes: order.wishes,
    after: text.slice(to, to + AROUND),
  }
  const rewrite = order.kind === 'rewrite'
  const passage = `${on?.version ?? 0}:${toCharacters(text, from)}-${toCharacters(text, to)}`
  return {
    project_id: book.project_id,
    name: common.chapter.slice(0, 200),
    template: rewrite ? 'rewrite_selection' : 'continue_selection',
    version: 'production',
    model: order.model || null,
    variables: rewrite
      ? { ...common, before: text.slice(Math.max(0, from - AROUND), from), passage: text.slice(from, to) }
      : { ...common, before: text.slice(Math.max(0, from - 3 * AROUND), from), words: order.words },
    inputs: {},
    messages: [],
    settings: {},
    sink: { kind: 'passage', id: on?.document_id ?? '', field: passage },
  }
}

export function useAsking(desk: Desk) {
  const queries = useQueryClient()
  const running = shallowRef<string | null>(null)
  const text = ref('')
  const problem = shallowRef<unknown>(null)
  let stream: Following | null = null
  onScopeDispose(() => stream?.close())

  /** Start it, and give the proposal that came of it; null where none did. */
  async function start(made: Schemas['NewTask']): Promise<string | null> {
    problem.value = null
    text.value = ''
    try {
      const begun = await take(api.POST('/api/tasks', { params: { query: { start: true } }, body: made }))
      running.value = begun.id
      await new Promise<void>((resolve) => {
        stream = follow(`/api/tasks/${begun.id}/events`, {
          onEvent: (event) => {
            if (event.kind !== 'task_text') return
            text.value = grown(text.value, Number(event.data.from ?? 0), String(event.data.text ?? ''))
          },
          onEnd: resolve,
        })
      })
      const ended = await take(api.GET('/api/tasks/{task_id}', { params: { path: { task_id: begun.id } } }))
      if (ended.error) throw new Error(ended.error.message)
      for (const key of ['proposals', 'chapters']) await queries.invalidateQueries({ queryKey: [key] })
      await desk.refetch()
      return ended.receipt?.place ?? null
    } catch (failure) {
      problem.value = failure
      return null
    } finally {
      running.value = null
    }
  }

  async function stop(): Promise<void> {
    if (running.value) await take(api.POST('/api/tasks/{task_id}/cancel', { params: { path: { task_id: running.value } } }))
  }

  return { running, text, problem, start, stop }
}
