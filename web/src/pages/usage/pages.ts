// A list far longer than what is held of it: its pages are fetched as they come into sight.
import { shallowReactive } from 'vue'

export const PAGE = 100
const KEPT = 60

export interface Pages<T> {
  at(index: number): T | undefined
  want(first: number, last: number): void
  clear(): void
}

/** `fetch` gives the page that begins at `offset`. Pages in sight come first; of the others the last used are kept. */
export function pagesOf<T>(fetch: (offset: number) => Promise<T[]>): Pages<T> {
  const held = shallowReactive(new Map<number, T[]>())
  const asked = new Set<number>()
  let era = 0

  async function load(page: number): Promise<void> {
    if (held.has(page) || asked.has(page)) return
    asked.add(page)
    const mine = era
    try {
      const rows = await fetch(page * PAGE)
      if (mine !== era) return
      held.set(page, rows)
      while (held.size > KEPT) held.delete(held.keys().next().value as number)
    } finally {
      if (mine === era) asked.delete(page)
    }
  }

  return {
    at: (index) => held.get(Math.floor(index / PAGE))?.[index % PAGE],
    want(first, last) {
      for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) void load(page).catch(() => undefined)
    },
    clear() {
      era++
      held.clear()
      asked.clear()
    },
  }
}
