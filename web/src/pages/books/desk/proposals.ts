import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, take } from '@/api/client'
import type { Desk } from './desk'

/** The proposals that wait beside the chapter, newest first. */
export function useProposals(desk: Desk) {
  const document = computed(() => desk.chapter.value?.document_id ?? '')
  const { data } = useQuery({
    queryKey: ['proposals', document, () => desk.chapter.value?.open_proposals, () => desk.chapter.value?.version],
    queryFn: () =>
      take(
        api.GET('/api/documents/{document_id}/proposals', {
          params: { path: { document_id: document.value }, query: { status: 'open' } },
        }),
      ),
    enabled: () => !!document.value,
    placeholderData: (before) => before,
  })
  return computed(() => (data.value ?? []).filter((each) => each.document_id === document.value))
}
