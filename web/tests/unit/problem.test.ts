import { createApp, h, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { describe, expect, it } from 'vitest'
import { Problem, Unreachable } from '@/api/client'
import ProblemNotice from '@/ui/ProblemNotice.vue'

async function shown(error: unknown, retry?: () => unknown): Promise<HTMLElement> {
  const page = { template: '' }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:all(.*)*', component: page, meta: { nav: 'books' } }] })
  await router.push('/books/x')
  const root = document.createElement('div')
  createApp({ render: () => h(ProblemNotice, { error, retry }) }).use(router).mount(root)
  await nextTick()
  return root
}

describe('a page whose thing is not there', () => {
  const nothing = () => undefined

  it('leads on instead of offering to try again', async () => {
    for (const problem of [new Problem(404, 'There is no book x.'), new Problem(422, 'path.book_id: Input should be a valid UUID.', 'path.book_id')]) {
      const root = await shown(problem, nothing)
      expect(root.querySelector('a')?.getAttribute('href')).toBe('/books')
      expect(root.textContent).not.toContain('path.')
      expect(root.textContent).not.toContain('Try again')
    }
  })

  it('is told apart from a service that is away, and from an answer to a form', async () => {
    expect((await shown(new Unreachable(), nothing)).textContent).toContain('What you typed is still here')
    expect((await shown(new Unreachable(), nothing)).querySelector('button')?.textContent).toContain('Try again')
    expect((await shown(new Problem(404, 'There is no model x.', 'model'))).textContent).toContain('There is no model x.')
  })
})
