// Files on their way to the service, one after the other, each with what became of it.
import { useQueryClient } from '@tanstack/vue-query'
import { ref } from 'vue'
import { api, take, type Schemas } from '@/api/client'

export interface Upload {
  key: number
  name: string
  problem: unknown
}

export function useUploads() {
  const queries = useQueryClient()
  const uploads = ref<Upload[]>([])
  let count = 0
  let last: Promise<unknown> = Promise.resolve()

  function done(key: number, problem?: unknown): void {
    uploads.value = problem
      ? uploads.value.map((each) => (each.key === key ? { ...each, problem } : each))
      : uploads.value.filter((each) => each.key !== key)
  }

  async function send(key: number, file: File, kind: Schemas['ReferenceView']['kind']): Promise<void> {
    try {
      await take(
        api.POST('/api/references', {
          params: { query: { name: file.name.slice(0, 255), kind } },
          body: file as never,
          bodySerializer: (body) => body as never,
          headers: { 'Content-Type': 'application/octet-stream' },
        }),
      )
      done(key)
    } catch (problem) {
      done(key, problem)
    }
    await queries.invalidateQueries({ queryKey: ['references'] })
  }

  /** Send them in their order; each shows until it has arrived, or what stood in its way until that was read. */
  function add(files: Iterable<File>, kind: Schemas['ReferenceView']['kind']): Promise<unknown> {
    for (const file of files) {
      const key = ++count
      uploads.value = [...uploads.value, { key, name: file.name, problem: null }]
      last = last.then(() => send(key, file, kind))
    }
    return last
  }

  return { uploads, add, dismiss: (key: number) => done(key) }
}
