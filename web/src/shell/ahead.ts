// The code of pages that are likely next, fetched before anybody asks: the one that is pointed at, and all of the
// sidebar's while nothing else is to be done. What it needs from the service is read when it is opened, not before.
import type { RouteLocationRaw, Router } from 'vue-router'

function codeOf(router: Router, to: RouteLocationRaw): (() => Promise<unknown>) | null {
  const component: unknown = router.resolve(to).matched.at(-1)?.components?.default
  return typeof component === 'function' && !('setup' in component) ? (component as () => Promise<unknown>) : null
}

/** Fetch the code of the page at an address; a line that is broken just now is no matter. */
export function fetchAhead(router: Router, to: RouteLocationRaw): Promise<unknown> {
  return codeOf(router, to)?.().catch(() => null) ?? Promise.resolve()
}

const idle = (): Promise<void> =>
  new Promise((done) => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => done(), { timeout: 2_000 })
    else setTimeout(done, 200)
  })

/** All of these, one after the other, while the page has nothing else to do. Not where somebody pays for each byte. */
export async function fetchAllAhead(router: Router, addresses: readonly string[]): Promise<void> {
  const line = (navigator as { connection?: { saveData?: boolean } }).connection
  if (line?.saveData) return
  await router.isReady()
  for (const to of addresses) {
    await idle()
    await fetchAhead(router, to)
  }
}
