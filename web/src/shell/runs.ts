// The runs that are under way, as the tray and the home page show them.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, reactive, watch } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import type { RouteLocationRaw } from 'vue-router'
import { follow, type Following, type ServerEvent } from '@/api/events'
import { nameOf, stepTitle } from './naming'

export type Run = Schemas['RunView']

export interface LiveRun {
  run: Run
  step: string
  item: string
  words: number
  /** Chapters, sections or other items that are done, of those that have been seen. */
  done: number
  of: number
  /** US dollars so far; null while nothing was asked. */
  cost: string | null
}

interface State extends Omit<LiveRun, 'run'> {
  begun: Set<string>
  ended: Set<string>
}

const nothing = (): State => ({ step: '', item: '', words: 0, done: 0, of: 0, cost: null, begun: new Set(), ended: new Set() })
const KEEPS = new Set(['keep_chapter', 'chapter_done'])

const ACTIVE = new Set(['queued', 'running', 'waiting'])

/** All runs, newest first; looked at again when something ends and when the page is seen again. */
export function useRuns() {
  return useQuery({
    queryKey: ['runs'],
    queryFn: () => take(api.GET('/api/runs', { params: { query: { limit: 50 } } })),
    refetchInterval: 20_000,
  })
}

/** The newest books of the project. */
export function useBooks(wanted: () => boolean = () => true) {
  return useQuery({
    queryKey: ['books'],
    queryFn: () => take(api.GET('/api/books', { params: { query: { limit: 200 } } })),
    enabled: wanted,
  })
}

/** What runs make, by their ids: titles live with books, songs and posts, not with runs. Read once there is a run. */
export function useRunTitles(wanted: () => boolean) {
  const enabled = computed(wanted)
  const { data: books } = useBooks(wanted)
  const { data: songs } = useQuery({
    queryKey: ['songs'],
    queryFn: () => take(api.GET('/api/music/arrangements', { params: { query: { limit: 200 } } })),
    enabled,
  })
  const { data: posts } = useQuery({
    queryKey: ['posts', 'all'],
    queryFn: () => take(api.GET('/api/posts', { params: { query: { limit: 200 } } })),
    enabled,
  })
  const titles = computed(() => {
    const found = new Map<string, { title: string; to: RouteLocationRaw }>()
    for (const book of books.value ?? []) {
      found.set(book.run_id, { title: nameOf(book), to: { name: 'book', params: { id: book.id } } })
    }
    for (const song of songs.value ?? [])
      found.set(song.run_id, { title: song.title, to: { name: 'song', params: { id: song.id } } })
    return found
  })
  const post = (run: Run) => {
    const input = run.input as { post_id?: unknown } | null
    const one = input?.post_id ? posts.value?.find((known) => known.id === input.post_id) : undefined
    return one && { title: one.title, to: { name: 'post', params: { id: one.id } } }
  }
  return (run: Run) => titles.value.get(run.id) ?? post(run) ?? { title: stepTitle(run.pipeline, ''), to: homeOf(run) }
}

/** The page on which runs of a kind are seen, where their maker is not known. */
function homeOf(run: Run): RouteLocationRaw {
  if (run.pipeline.includes('post')) return '/posts'
  if (run.pipeline.includes('task')) return '/tasks'
  return run.pipeline.includes('book') ? '/books' : '/'
}

/** The active runs with what each is doing now, by its own stream of events. */
export function useLiveRuns() {
  const queries = useQueryClient()
  const { data } = useRuns()
  const active = computed(() => (data.value ?? []).filter((run) => ACTIVE.has(run.status)))
  const now = reactive(new Map<string, State>())
  const streams = new Map<string, Following>()

  function note(id: string, event: ServerEvent): void {
    const state = now.get(id) ?? nothing()
    const item = String(event.data.item ?? event.data.chapter ?? '')
    if (event.kind === 'step_started') {
      if (item) state.begun.add(item)
      now.set(id, { ...state, step: String(event.data.step ?? ''), item, of: state.begun.size })
    } else if (event.kind === 'chapter_done' || (event.kind === 'step_finished' && KEEPS.has(String(event.data.step)))) {
      state.ended.add(item)
      now.set(id, { ...state, done: state.ended.size })
    } else if (event.kind === 'chapter_text') {
      now.set(id, { ...state, words: Number(event.data.words ?? 0) })
    } else if (event.kind === 'model_answered') {
      now.set(id, { ...state, cost: String(event.data.run_cost_usd ?? '') || null })
    } else if (event.kind.startsWith('run_')) {
      void queries.invalidateQueries({ queryKey: ['runs'] })
    }
  }

  watch(
    active,
    (runs) => {
      const wanted = new Set(runs.map((run) => run.id))
      for (const [id, stream] of streams) {
        if (wanted.has(id)) continue
        stream.close()
        streams.delete(id)
        now.delete(id)
      }
      for (const id of wanted) {
        if (streams.has(id)) continue
        streams.set(
          id,
          follow(`/api/runs/${encodeURIComponent(id)}/events`, {
            lasting: true,
            onEvent: (event) => note(id, event),
            onEnd: () => void queries.invalidateQueries({ queryKey: ['runs'] }),
          }),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => streams.forEach((stream) => stream.close()))

  return computed<LiveRun[]>(() => active.value.map((run) => ({ ...(now.get(run.id) ?? nothing()), run })))
}
