// What pages of a template and of a part share: versions, labels, moving a label with a way back.
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { api, take } from '@/api/client'
import { t } from '@/strings'
import { tell } from '@/ui/toasts'

export type Kind = 'templates' | 'parts'

export function usePrompt(kind: Kind, name: Ref<string>) {
  const queries = useQueryClient()
  const ofParts = kind === 'parts'
  const params = computed(() => ({ path: { name: name.value } }))
  const versions = useQuery({
    queryKey: ['prompt-versions', kind, name],
    queryFn: () =>
      ofParts
        ? take(api.GET('/api/prompt-parts/{name}/versions', { params: params.value }))
        : take(api.GET('/api/prompt-templates/{name}/versions', { params: params.value })),
  })
  const newest = computed(() => versions.data.value?.[0]?.number ?? 0)
  const production = computed(() => versions.data.value?.find((v) => v.labels?.includes('production'))?.number ?? newest.value)
  const problem = ref<unknown>(null)

  const refresh = () =>
    Promise.all(
      ['prompt-versions', 'prompt-template', 'prompt-part', 'prompt-templates', 'prompt-parts', 'prompt-preview', 'prompt-diff'].map((key) =>
        queries.invalidateQueries({ queryKey: [key] }),
      ),
    )

  /** Point a label at a version; 0 takes it off. What was before is one click away. */
  async function label(what: string, number: number): Promise<void> {
    const before = versions.data.value?.find((v) => v.labels?.includes(what))?.number ?? 0
    problem.value = null
    try {
      const path = { ...params.value.path, label: what }
      const body = { number, expected: before }
      if (number === 0) {
        if (ofParts) await take(api.DELETE('/api/prompt-parts/{name}/labels/{label}', { params: { path } }))
        else await take(api.DELETE('/api/prompt-templates/{name}/labels/{label}', { params: { path } }))
      } else if (ofParts) await take(api.PUT('/api/prompt-parts/{name}/labels/{label}', { params: { path }, body }))
      else await take(api.PUT('/api/prompt-templates/{name}/labels/{label}', { params: { path }, body }))
      tell(number ? t().prompts.labelled(what, number) : t().prompts.unlabelled(what), () => label(what, before))
    } catch (error) {
      problem.value = error
    }
    await refresh()
  }

  async function archive(away: boolean): Promise<void> {
    problem.value = null
    try {
      if (ofParts) {
        if (away) await take(api.DELETE('/api/prompt-parts/{name}', { params: params.value }))
        else await take(api.POST('/api/prompt-parts/{name}/restore', { params: params.value }))
      } else if (away) await take(api.DELETE('/api/prompt-templates/{name}', { params: params.value }))
      else await take(api.POST('/api/prompt-templates/{name}/restore', { params: params.value }))
      tell(away ? t().prompts.archived(name.value) : t().prompts.restored(name.value), () => archive(!away))
    } catch (error) {
      problem.value = error
    }
    await refresh()
  }

  const diff = (old: number, now: number) => {
    const asked = { params: { ...params.value, query: { old: String(old), new: String(now) } } }
    return ofParts ? take(api.GET('/api/prompt-parts/{name}/diff', asked)) : take(api.GET('/api/prompt-templates/{name}/diff', asked))
  }

  async function duplicate(copy: string, version: number): Promise<void> {
    const asked = { params: params.value, body: { name: copy, version: String(version) } }
    if (ofParts) await take(api.POST('/api/prompt-parts/{name}/duplicate', asked))
    else await take(api.POST('/api/prompt-templates/{name}/duplicate', asked))
    await refresh()
  }

  return { versions, newest, production, problem, refresh, label, archive, diff, duplicate }
}

export type PromptDesk = ReturnType<typeof usePrompt>
