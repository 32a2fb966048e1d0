// A list far longer than what is held of it: its pages are fetched as they come into sight.
import { shallowReactive } from 'vue'

export const PAGE = 100
const KEPT = 60
const AT_ONCE = 2

export interface Pages<T> {
  at(index: number): T | undefined
  want(first: number, last: number): void
  clear(): void
}

/** `fetch` gives the page that begins at `offset`. Only what is in sight is asked for: pages flown past are left out. */
export function pagesOf<T>(fetch: (offset: number) => Promise<T[]>): Pages<T> {
  const held = shallowReactive(new Map<number, T[]>())
  const asked = new Set<number>()
  let sight: [number, number] = [0, -1]
  let era = 0

  function pump(): void {
    for (let page = sight[0]; page <= sight[1] && asked.size < AT_ONCE; page++) if (!held.has(page) && !asked.has(page)) void load(page)
  }

  async function load(page: number): Promise<void> {
    const mine = era
    asked.add(page)
    const rows = await fetch(page * PAGE).catch(() => null)
    if (mine !== era) return
    asked.delete(page)
    // What failed is asked for again when it comes into sight again.
    if (!rows) return
    held.set(page, rows)
    while (held.size > KEPT) held.delete(held.keys().next().value as number)
    pump()
  }

  return {
    at: (index) => held.get(Math.floor(index / PAGE))?.[index % PAGE],
    want(first, last) {
      sight = [Math.floor(first / PAGE), Math.floor(last / PAGE)]
      pump()
    },
    clear() {
      era++
      held.clear()
      asked.clear()
    },
  }
}
