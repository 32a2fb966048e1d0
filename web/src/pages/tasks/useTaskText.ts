// A task with its answer as it grows.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { api, take } from '@/api/client'
import { grown } from '@/api/grown'
import { follow, type Following } from '@/api/events'

const LIVE = new Set(['created', 'queued', 'running'])

export function useTaskText(id: Ref<string>) {
  const queries = useQueryClient()
  const { data: task, error } = useQuery({
    queryKey: ['task', id],
    queryFn: () => take(api.GET('/api/tasks/{task_id}', { params: { path: { task_id: id.value } } })),
    enabled: () => !!id.value,
  })
  const growing = ref('')
  const live = computed(() => LIVE.has(task.value?.status ?? ''))
  let stream: Following | null = null
  let followed = ''

  watch(
    [id, live],
    ([wanted, working]) => {
      if (wanted !== followed) {
        stream?.close()
        stream = null
        growing.value = ''
      }
      if (!wanted || !working || wanted === followed) return
      followed = wanted
      stream = follow(`/api/tasks/${encodeURIComponent(wanted)}/events`, {
        onEvent: (event) => {
          const first = event.kind === 'task_text' && !growing.value
          if (event.kind === 'task_text') growing.value = grown(growing.value, Number(event.data.from ?? 0), String(event.data.text ?? ''))
          // With the first words at the latest it is no longer queued.
          if (event.kind === 'run_started' || first) void queries.invalidateQueries({ queryKey: ['task', wanted] })
        },
        onEnd: () => {
          void queries.invalidateQueries({ queryKey: ['task', wanted] })
          void queries.invalidateQueries({ queryKey: ['tasks'] })
        },
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => stream?.close())
  const text = computed(() => task.value?.text ?? growing.value)
  return { task, text, live, error }
}
