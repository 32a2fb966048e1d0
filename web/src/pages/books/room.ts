// A book with its chapters and what its runs are doing: what the book's page and the manuscript share.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import type { ServerEvent } from '@/api/events'
import { stepTitle } from '@/shell/naming'
import type { Line } from './desk/ChapterNav.vue'
import { useLive } from './live'

const ACTIVE = ['queued', 'running', 'waiting']

export function useRoom(id: Ref<string>) {
  const queries = useQueryClient()
  const path = computed(() => ({ path: { book_id: id.value } }))
  const refresh = (...keys: string[]) => {
    for (const key of keys) void queries.invalidateQueries({ queryKey: [key] })
  }

  const { data: book, error, refetch } = useQuery({
    queryKey: ['book', id],
    queryFn: () => take(api.GET('/api/books/{book_id}', { params: path.value })),
  })
  const runId = computed(() => book.value?.run_id ?? '')
  const { data: run } = useQuery({
    queryKey: ['run', runId],
    queryFn: () => take(api.GET('/api/runs/{run_id}', { params: { path: { run_id: runId.value } } })),
    enabled: () => !!runId.value,
  })
  const { data: chapters } = useQuery({
    queryKey: ['chapters', id],
    queryFn: () => take(api.GET('/api/books/{book_id}/chapters', { params: path.value })),
  })
  // What else works on the book, such as a chapter being written anew.
  const { data: others } = useQuery({
    queryKey: ['book-runs', id],
    queryFn: async () => {
      const all = await take(api.GET('/api/books/{book_id}/runs', { params: path.value }))
      const late = all.filter((each) => each.run_id !== runId.value).slice(0, 20)
      const looked = await Promise.all(
        late.map((each) => take(api.GET('/api/runs/{run_id}', { params: { path: { run_id: each.run_id } } }))),
      )
      return late.map((each, n) => ({ ...each, run: looked[n] as Schemas['RunView'] }))
    },
    enabled: () => !!runId.value,
  })

  const active = computed(() => ACTIVE.includes(run.value?.status ?? ''))
  const working = computed(() => (others.value ?? []).filter((each) => ACTIVE.includes(each.run.status)))
  const followed = computed(() => [
    ...(active.value && runId.value ? [runId.value] : []),
    ...working.value.map((each) => each.run_id),
  ])

  function heard(event: ServerEvent): void {
    const step = String(event.data.step ?? '')
    if (event.kind === 'step_finished') {
      if (step.endsWith('_outline')) refresh('book')
      if (step === 'keep_chapter' || step.startsWith('compose') || step.startsWith('keep')) refresh('chapters', 'chapter', 'proposals', 'versions')
      if (step === 'make_file') refresh('files')
      if (step.includes('cover')) refresh('covers')
    } else if (event.kind.startsWith('run_'))
      refresh('run', 'runs', 'book', 'book-runs', 'chapters', 'chapter', 'proposals', 'versions', 'files', 'covers', 'scores', 'context')
  }
  const { live, textOf, broken } = useLive(followed, heard)

  const lines = computed<Line[]>(() => {
    const written = new Map((chapters.value ?? []).map((chapter) => [chapter.number, chapter]))
    const planned = new Map((book.value?.outline?.chapters ?? []).map((chapter) => [chapter.number, chapter]))
    const numbers = [...new Set([...planned.keys(), ...written.keys()])].sort((a, b) => a - b)
    return numbers.map((number) => {
      const chapter = written.get(number)
      const plan = planned.get(number)
      const growing = textOf(number)
      const now = [...live.doing.values()].find((each) => each.item === String(number))
      return {
        number,
        title: chapter?.title ?? plan?.title ?? '',
        words: chapter?.words ?? growing?.words ?? 0,
        target: plan?.words ?? 0,
        proposals: chapter?.open_proposals ?? 0,
        doing: now ? stepTitle(now.step, '') : '',
        written: !!chapter,
      }
    })
  })

  return { book, error, refetch, run, runId, chapters, others, active, working, live, textOf, broken, lines, refresh }
}
