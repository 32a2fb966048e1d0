// The code of pages that are likely next, fetched before anybody asks: all of the sidebar's at the start, and the one
// that is pointed at. What it needs from the service is read when it is opened, not before.
import type { RouteLocationRaw, Router } from 'vue-router'

function codeOf(router: Router, to: RouteLocationRaw): (() => Promise<unknown>) | null {
  const component: unknown = router.resolve(to).matched.at(-1)?.components?.default
  return typeof component === 'function' && !('setup' in component) ? (component as () => Promise<unknown>) : null
}

/** Fetch the code of the page at an address; a line that is broken just now is no matter. */
export function fetchAhead(router: Router, to: RouteLocationRaw): Promise<unknown> {
  return codeOf(router, to)?.().catch(() => null) ?? Promise.resolve()
}

/**
 * All of these, which are one file. Asked for before the first page asks for its data: behind that the line is full, and
 * whoever goes on at once would wait for it. Not where somebody pays for each byte.
 */
export async function fetchAllAhead(router: Router, addresses: readonly string[]): Promise<void> {
  const line = (navigator as { connection?: { saveData?: boolean } }).connection
  if (line?.saveData) return
  await Promise.all(addresses.map((to) => fetchAhead(router, to)))
}
