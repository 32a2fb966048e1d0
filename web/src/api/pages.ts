// Long lists in pages: the first at once, the next when somebody asks for more.
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { keep } from './keep'

/** All rows that were read so far, each once, though a row may move to another page between two calls. */
export function usePages<T extends { id: string }>(key: readonly (string | Ref<unknown>)[], size: number, read: (offset: number) => Promise<readonly T[]>) {
  const query = useInfiniteQuery({
    queryKey: key,
    placeholderData: keep,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => read(pageParam),
    getNextPageParam: (last, pages) => (last.length < size ? undefined : pages.length * size),
  })
  const rows = computed(() => query.data.value && [...new Map(query.data.value.pages.flat().map((row) => [row.id, row])).values()])
  return { ...query, rows }
}
