// The runs that are under way, as the tray and the home page show them.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, reactive, watch } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import { follow, type Following, type ServerEvent } from '@/api/events'

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
