import { describe, expect, it, vi } from 'vitest'
import { PAGE, pagesOf } from '@/pages/usage/pages'

const numbers = (offset: number) => Array.from({ length: PAGE }, (_, n) => offset + n)

describe('a list whose pages are fetched as they come into sight', () => {
  it('fetches each page once and gives its rows by their place', async () => {
    const fetch = vi.fn((offset: number) => Promise.resolve(numbers(offset)))
    const pages = pagesOf(fetch)
    pages.want(0, PAGE)
    pages.want(5, 20)
    await vi.waitFor(() => expect(pages.at(PAGE)).toBe(PAGE))
    expect(pages.at(7)).toBe(7)
    expect(pages.at(2 * PAGE)).toBeUndefined()
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('forgets what it held, and what was under way, when the list is another', async () => {
    let answer: (rows: number[]) => void = () => undefined
    const pages = pagesOf<number>(() => new Promise((resolve) => (answer = resolve)))
    pages.want(0, 0)
    pages.clear()
    answer(numbers(0))
    await Promise.resolve()
    expect(pages.at(0)).toBeUndefined()
  })

  it('asks again for a page that failed', async () => {
    const fetch = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue(numbers(0))
    const pages = pagesOf<number>(fetch)
    pages.want(0, 0)
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1))
    await Promise.resolve()
    await vi.waitFor(() => {
      pages.want(0, 0)
      expect(pages.at(3)).toBe(3)
    })
  })
})
