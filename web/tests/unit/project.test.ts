import { beforeEach, describe, expect, it } from 'vitest'
import { chooseProject, DEFAULT_PROJECT, placed, project } from '@/api/project'
import { IN_BODY, IN_QUERY } from '@/api/placed'

const OTHER = '11111111-1111-7111-8111-111111111111'
const at = (path: string) => `http://localhost${path}`

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
  chooseProject(OTHER)
})

describe('the chosen project', () => {
  it('goes into the address of a list, unless another is named', async () => {
    const asked = await placed(new Request(at('/api/books?limit=5')), '/api/books')
    expect(new URL(asked.url).searchParams.get('project_id')).toBe(OTHER)
    expect(new URL(asked.url).searchParams.get('limit')).toBe('5')
    const named = new Request(at(`/api/books?project_id=${DEFAULT_PROJECT}`))
    expect(await placed(named, '/api/books')).toBe(named)
  })

  it('goes into the body of what is made, with its headers', async () => {
    const order = new Request(at('/api/webhooks'), {
      method: 'POST',
      body: JSON.stringify({ url: 'https://example.org/' }),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': 'abc' },
    })
    const asked = await placed(order, '/api/webhooks')
    expect(await asked.json()).toEqual({ url: 'https://example.org/', project_id: OTHER })
    expect(asked.headers.get('X-CSRF-Token')).toBe('abc')
    expect(asked.headers.get('Content-Type')).toBe('application/json')
  })

  it('leaves alone what no project owns', async () => {
    const request = new Request(at('/api/models'))
    expect(await placed(request, '/api/models')).toBe(request)
  })

  it('is kept for the next visit', () => {
    expect(project.value).toBe(OTHER)
    expect(localStorage.getItem('scrivano.project')).toBe(OTHER)
  })

  it('knows the calls that belong to a project', () => {
    expect(IN_QUERY.has('GET /api/books') && IN_BODY.has('POST /api/books')).toBe(true)
    for (const call of [...IN_QUERY, ...IN_BODY]) expect(call).not.toMatch(/usage|requests|notifications/)
  })
})
