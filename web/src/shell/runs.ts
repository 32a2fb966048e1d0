// The runs that are under way, as the tray and the home page show them.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, reactive, watch } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import type { RouteLocationRaw } from 'vue-router'
import { follow, type Following, type ServerEvent } from '@/api/events'
import { stepTitle } from './naming'

export type Run = Schemas['RunView']

export interface LiveRun {
  run: Run
  step: string
  item: string
  words: number
}

const ACTIVE = new Set(['queued', 'running', 'waiting'])

/** All runs, newest first; looked at again when something ends and when the page is seen again. */
export function useRuns() {
  return useQuery({
    queryKey: ['runs'],
    queryFn: () => take(api.GET('/api/runs', { params: { query: { limit: 50 } } })),
    refetchInterval: 20_000,
  })
}

/** What runs make, by their ids: titles live with books and songs, not with runs. */
export function useRunTitles() {
  const { data: books } = useQuery({
    queryKey: ['books'],
    queryFn: () => take(api.GET('/api/books', { params: { query: { limit: 200 } } })),
  })
  const { data: songs } = useQuery({
    queryKey: ['songs'],
    queryFn: () => take(api.GET('/api/music/arrangements', { params: { query: { limit: 200 } } })),
  })
  const titles = computed(() => {
    const found = new Map<string, { title: string; to: RouteLocationRaw }>()
    for (const book of books.value ?? []) {
      const title = book.title || book.brief.subject || book.brief.premise || ''
      found.set(book.run_id, { title, to: { name: 'book', params: { id: book.id } } })
    }
    for (const song of songs.value ?? [])
      found.set(song.run_id, { title: song.title, to: { name: 'song', params: { id: song.id } } })
    return found
  })
  return (run: Run) => titles.value.get(run.id) ?? { title: stepTitle(run.pipeline, ''), to: { name: 'home' } }
}

/** The active runs with what each is doing now, by its own stream of events. */
export function useLiveRuns() {
  const queries = useQueryClient()
  const { data } = useRuns()
  const active = computed(() => (data.value ?? []).filter((run) => ACTIVE.has(run.status)))
  const now = reactive(new Map<string, { step: string; item: string; words: number }>())
  const streams = new Map<string, Following>()

  function note(id: string, event: ServerEvent): void {
    const state = now.get(id) ?? { step: '', item: '', words: 0 }
    if (event.kind === 'step_started') {
      now.set(id, { ...state, step: String(event.data.step ?? ''), item: String(event.data.item ?? '') })
    } else if (event.kind === 'chapter_text') {
      now.set(id, { ...state, words: Number(event.data.words ?? 0) })
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
            onEvent: (event) => note(id, event),
            onEnd: () => void queries.invalidateQueries({ queryKey: ['runs'] }),
          }),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => streams.forEach((stream) => stream.close()))

  return computed<LiveRun[]>(() =>
    active.value.map((run) => ({ run, ...(now.get(run.id) ?? { step: '', item: '', words: 0 }) })),
  )
}
