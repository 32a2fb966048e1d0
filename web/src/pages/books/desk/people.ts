// Who wrote a version, as the page names them.
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, take, type Schemas } from '@/api/client'
import { person } from '@/shell/session'
import { t } from '@/strings'

type Author = Schemas['scrivano__documents__dto__Author']

/** Names of the project's people; on a machine of one's own there is nobody else to name. */
export function useNames(project: Ref<string>) {
  const { data } = useQuery({
    queryKey: ['members', project],
    queryFn: () => take(api.GET('/api/projects/{project_id}/members', { params: { path: { project_id: project.value } } })),
    enabled: () => !!person.value && !!project.value,
    staleTime: 60_000,
  })
  const names = computed(() => new Map((data.value ?? []).map((member) => [member.person_id, member.name || member.email])))
  return (author: Author): string => {
    const words = t().desk.by
    if (author.kind === 'run') return words.run
    if (author.kind === 'import') return words.import
    if (!author.id || author.id === person.value?.id) return words.you
    const name = names.value.get(author.id)
    return name ? words.named(name) : words.other
  }
}
