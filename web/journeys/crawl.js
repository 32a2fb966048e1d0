// The pages that links lead to from the desk.
const MOST = 60
/** Of pages of one kind, such as those of prompts, so many: they are made by the same code. */
const OF_A_KIND = 2
const kindOf = (path) => path.replace(/[^/]*\d[^/]*/g, '*').replace(/^(\/prompts\/\w+)\/.+/, '$1/*')

/** Calls `look(path, links)` on each page once, with the page open and drawn. Gives how many there were. */
export async function crawl({ page, base }, look) {
  const seen = new Set()
  const kinds = new Map()
  const waiting = ['/']
  while (waiting.length && seen.size < MOST) {
    const path = waiting.shift()
    const kind = kindOf(path)
    if (seen.has(path) || (kind.includes('*') && (kinds.get(kind) ?? 0) >= OF_A_KIND)) continue
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    seen.add(path)
    await open(page, path)
    const links = (await page.locator('a[href^="/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))).map((link) => new URL(link, base))
    waiting.push(...links.map((url) => url.pathname).filter((one) => !one.startsWith('/api/')))
    await look(path, links)
  }
  return seen.size
}

/** Open a page, until it has drawn what it asked for. */
export async function open(page, path) {
  await page.goto(path)
  await page.locator('main h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main .skeleton'))
}
