// The projects that one belongs to, and the chosen one.
import { useQuery } from '@tanstack/vue-query'
import { computed, watch } from 'vue'
import { api, take } from '@/api/client'
import { chooseProject, project } from '@/api/project'

export function useProjects() {
  const query = useQuery({
    queryKey: ['projects'],
    queryFn: () => take(api.GET('/api/projects', { params: { query: { limit: 200 } } })),
    staleTime: 60_000,
  })
  const current = computed(() => query.data.value?.find((one) => one.id === project.value))
  // A project that is gone, or was somebody else's, is left for one that is there.
  watch(query.data, (all) => {
    const first = all?.[0]
    if (first && !all.some((one) => one.id === project.value)) chooseProject(first.id)
  })
  return { projects: query.data, current }
}
