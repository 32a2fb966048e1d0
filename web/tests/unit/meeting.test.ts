import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, ref, type App } from 'vue'
import { usePost, type PostDesk } from '@/pages/posts/usePost'

/** What the service has of a post, and what was sent to it. */
let stored = { id: 'p', workflow_id: 'w', workflow_version: 1, revision: 1, fields: { author: 'before' } as Record<string, unknown> }
let sent: unknown[] = []
let app: App
let desk: PostDesk

const answer = (body: unknown, status = 200) => ({ [status < 400 ? 'data' : 'error']: structuredClone(body), response: { ok: status < 400, status } })

vi.mock('@/api/client', async (original) => ({
  ...(await original<object>()),
  api: {
    GET: async (path: string) => {
      if (path === '/api/posts/{post_id}') return answer(stored)
      return answer(path.endsWith('/costs') ? { runs: [], requests: 0, cost: '0' } : [])
    },
    PATCH: async (_: string, { body }: { body: { revision: number; fields: Record<string, unknown> } }) => {
      if (body.revision !== stored.revision) return answer({ title: 'Changed' }, 409)
      sent.push(body.fields)
      stored = { ...stored, revision: stored.revision + 1, fields: { ...stored.fields, ...body.fields } }
      return answer(stored)
    },
  },
}))

beforeEach(async () => {
  stored = { ...stored, revision: 1, fields: { author: 'before' } }
  sent = []
  app = createApp({
    setup() {
      desk = usePost(ref('p'))
      return () => null
    },
  })
  app.use(VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }).mount(document.createElement('div'))
  await vi.waitFor(() => expect(desk.post.value?.revision).toBe(1))
})
afterEach(() => {
  app.unmount()
})

describe('a field that two change', () => {
  const theirs = () => (stored = { ...stored, revision: 2, fields: { author: 'theirs' } })

  it('is overwritten by nobody, whether or not the page has read the other text by itself meanwhile', async () => {
    for (const reads of [false, true]) {
      desk.type('author', 'mine')
      theirs()
      if (reads) await desk.refetch()
      expect(await desk.save()).toBe(false)
      expect([desk.conflicts.get('author'), desk.value('author'), sent]).toEqual(['theirs', 'mine', []])
      desk.settle('author', false)
      expect([desk.conflicts.size, desk.value('author')]).toEqual([0, 'theirs'])
      stored = { ...stored, revision: 1, fields: { author: 'before' } }
      await desk.refetch()
    }
  })

  it('is one text with two hands where both wrote the same, or only one of them wrote', async () => {
    desk.type('author', 'theirs')
    theirs()
    await desk.refetch()
    expect(await desk.save()).toBe(true)
    desk.type('author', 'mine alone')
    expect(await desk.save()).toBe(true)
    expect([desk.conflicts.size, stored.fields.author]).toEqual([0, 'mine alone'])
  })
})
