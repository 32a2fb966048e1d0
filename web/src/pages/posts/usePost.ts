// A post on the page: what the service has, what was typed since, and the run that works on it.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, reactive, ref, watch, type Ref } from 'vue'
import { api, Problem, take } from '@/api/client'
import { grown } from '@/api/grown'
import { follow, type Following, type ServerEvent } from '@/api/events'
import type { Post, Value } from './types'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** What of a field can be kept already: a section that was added and has no heading yet stays on the page until it has one. */
function keepable(value: Value): Value {
  if (!Array.isArray(value)) return value
  return value.filter((part) => typeof part !== 'object' || !part || !('heading' in part) || String(part.heading).trim())
}

/** Whether a field was changed by somebody else, to something else, since typing began in it. */
export function hasMet(now: Value | undefined, begun: Value | undefined, mine: Value | undefined): boolean {
  return !same(now, begun) && !same(now, mine)
}

export type PostDesk = ReturnType<typeof usePost>

export function usePost(id: Ref<string>) {
  const queries = useQueryClient()
  const params = computed(() => ({ path: { post_id: id.value } }))
  const { data: post, error, refetch } = useQuery({
    queryKey: ['post', id],
    queryFn: () => take(api.GET('/api/posts/{post_id}', { params: params.value })),
  })
  const { data: workflow } = useQuery({
    queryKey: ['workflow', () => post.value?.workflow_id, () => post.value?.workflow_version],
    queryFn: () =>
      take(
        api.GET('/api/workflows/{workflow_id}/versions/{number}', {
          params: { path: { workflow_id: post.value?.workflow_id ?? '', number: post.value?.workflow_version ?? 1 } },
        }),
      ),
    enabled: () => !!post.value,
    staleTime: Infinity,
  })
  /** The post as it is now, in place of whatever is being read of it. */
  async function readPost(): Promise<void> {
    const now = await take(api.GET('/api/posts/{post_id}', { params: params.value }))
    await queries.cancelQueries({ queryKey: ['post', id.value] })
    queries.setQueryData(['post', id.value], now)
  }
  const { data: proposals } = useQuery({
    queryKey: ['post-proposals', id],
    queryFn: async () => {
      const found = await take(api.GET('/api/posts/{post_id}/proposals', { params: { ...params.value, query: { status: 'open' } } }))
      const before = queries.getQueryData<typeof found>(['post-proposals', id.value])
      if (before?.some((one) => !found.some((now) => now.id === one.id))) {
        // One was decided: it goes from the page when what came of it stands in the fields, not before.
        await readPost()
      }
      return found
    },
  })
  const { data: sources } = useQuery({
    queryKey: ['post-sources', id],
    queryFn: () => take(api.GET('/api/posts/{post_id}/sources', { params: params.value })),
  })
  const { data: costs } = useQuery({
    queryKey: ['post-costs', id],
    queryFn: () => take(api.GET('/api/posts/{post_id}/costs', { params: params.value })),
  })

  async function refresh(): Promise<void> {
    const keys = ['post', 'post-proposals', 'post-sources', 'post-costs', 'post-history', 'post-versions', 'publications', 'posts', 'runs']
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }

  // --- what was typed and is not kept yet -------------------------------------------------------

  const typed = reactive(new Map<string, Value>())
  /** Fields that somebody else changed while they were typed in: what the service has now. */
  const conflicts = reactive(new Map<string, Value>())
  const problem = ref<unknown>(null)
  const saving = ref(false)
  /** What the fields held when typing began in them. */
  const begun = new Map<string, Value>()

  const value = (name: string): Value => (typed.has(name) ? (typed.get(name) as Value) : (post.value?.fields[name] ?? null))

  function type(name: string, wanted: Value): void {
    if (!typed.has(name)) begun.set(name, post.value?.fields[name] ?? null)
    if (same(wanted, begun.get(name)) && !conflicts.has(name)) typed.delete(name)
    else typed.set(name, wanted)
  }

  let queue: Promise<unknown> = Promise.resolve()

  /** Keep what was typed; several calls go one after the other. False where something is left to be done. */
  function save(): Promise<boolean> {
    const next = queue.then(saveNow, saveNow)
    queue = next
    return next
  }

  async function saveNow(): Promise<boolean> {
    problem.value = null
    const wanted = [...typed].filter(([name]) => !conflicts.has(name))
    if (!wanted.length || !post.value) return !conflicts.size
    saving.value = true
    try {
      for (let attempt = 0; attempt < 4; attempt++) {
        // The page may have read the post anew since typing began: its revision alone does not tell that two met.
        for (const [name, held] of wanted) meet(name, keepable(held))
        const fields = Object.fromEntries(wanted.filter(([name]) => !conflicts.has(name)).map(([name, held]) => [name, keepable(held)]))
        if (!Object.keys(fields).length) return false
        const answer = await send(fields)
        if (!answer) continue
        for (const [name, sent] of Object.entries(fields)) {
          if (same(typed.get(name), sent)) typed.delete(name)
          else begun.set(name, answer.fields[name] ?? null)
        }
        queries.setQueryData(['post', id.value], answer)
        void refresh()
        return !conflicts.size
      }
      return false
    } catch (failure) {
      problem.value = failure
      return false
    } finally {
      saving.value = false
    }
  }

  function meet(name: string, mine: Value): void {
    const now = post.value?.fields[name]
    if (hasMet(now, begun.get(name), mine)) conflicts.set(name, now ?? null)
  }

  /** The post as saved; null if somebody changed it meanwhile: then it is read anew, and what met is told apart. */
  async function send(fields: Record<string, Value>): Promise<Post | null> {
    try {
      return await take(
        api.PATCH('/api/posts/{post_id}', { params: params.value, body: { revision: post.value?.revision ?? 1, fields } }),
      )
    } catch (failure) {
      if (!(failure instanceof Problem) || failure.status !== 409) throw failure
      const now = await take(api.GET('/api/posts/{post_id}', { params: params.value }))
      queries.setQueryData(['post', id.value], now)
      for (const [name, held] of Object.entries(fields)) meet(name, held)
      return null
    }
  }

  /** Decide a conflict: with one's own text, or with the other. */
  function settle(name: string, mine: boolean): void {
    begun.set(name, conflicts.get(name) ?? null)
    conflicts.delete(name)
    if (!mine) typed.delete(name)
    void save()
  }

  useEventListener(window, 'beforeunload', (event: BeforeUnloadEvent) => {
    if (typed.size) event.preventDefault()
  })

  // --- the run that works on it -----------------------------------------------------------------

  const started = ref('')
  const runId = computed(() => started.value || (costs.value?.runs ?? []).reduce(
    (newest, run) => (!newest || run.created_at > newest.created_at ? run : newest),
    undefined as { run_id: string; created_at: string } | undefined,
  )?.run_id || '')
  const { data: run } = useQuery({
    queryKey: ['run', runId],
    queryFn: async () => {
      const found = await take(api.GET('/api/runs/{run_id}', { params: { path: { run_id: runId.value } } }))
      const before = queries.getQueryData<typeof found>(['run', runId.value])
      // Nobody is asked to decide about a text, or to write on in it, before the page has what the run made of it.
      if (before && (before.status !== found.status || before.waiting_for !== found.waiting_for)) await readPost()
      return found
    },
    enabled: () => !!runId.value,
  })
  const live = computed(() => ['queued', 'running', 'waiting'].includes(run.value?.status ?? ''))
  const doing = ref('')
  /** The sections of a text as they grow, by number. */
  const growing = reactive(new Map<string, string>())
  let stream: Following | null = null
  let streamed = ''

  function note(event: ServerEvent): void {
    if (event.kind === 'step_started') doing.value = String(event.data.step ?? '')
    else if (event.kind === 'section_text') {
      const section = String(event.data.section ?? '')
      const from = Number(event.data.from ?? 0)
      growing.set(section, grown(growing.get(section) ?? '', from, String(event.data.text ?? '')))
    } else if (event.kind.startsWith('run_')) {
      void queries.invalidateQueries({ queryKey: ['run'] })
      void refresh()
    } else if (event.kind === 'step_finished') {
      const step = String(event.data.step ?? '')
      if (step === 'propose_body') growing.clear()
      if (['accept_proposal', 'enter_stage', 'take_decision', 'search_web', 'propose_body', 'fill_fields'].includes(step)) void refresh()
    }
  }

  watch(
    [runId, live],
    ([wanted, working]) => {
      if (!wanted || !working || streamed === wanted) return
      stream?.close()
      growing.clear()
      doing.value = ''
      streamed = wanted
      stream = follow(`/api/runs/${encodeURIComponent(wanted)}/events`, {
        onEvent: note,
        onEnd: () => {
          doing.value = ''
          growing.clear()
          void queries.invalidateQueries({ queryKey: ['run'] })
          void refresh()
        },
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => stream?.close())

  /** Follow a run that was started just now. */
  async function watchRun(wanted: string): Promise<void> {
    started.value = wanted
    await queries.invalidateQueries({ queryKey: ['runs'] })
  }

  return {
    post, workflow, proposals, sources, costs, error, refetch, refresh,
    value, type, typed, save, saving, problem, conflicts, settle,
    run, live, doing, growing, watchRun, params,
  }
}
