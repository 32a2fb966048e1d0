// Every page that a link leads to from the desk: it has a heading, nothing that axe finds, and no dead link.
import { Failed } from './browser.js'

export default async function journey(visit) {
  const { page, base, check } = visit
  const seen = new Set()
  const waiting = ['/']
  while (waiting.length && seen.size < 60) {
    const path = waiting.shift()
    if (seen.has(path)) continue
    seen.add(path)
    await page.goto(path)
    await page.locator('main h1, main h2').first().waitFor()
    if (await page.getByText('There is no such page.').count()) throw new Failed(`dead link: ${path}`)
    await check()
    const links = await page.locator('a[href^="/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
    for (const link of links) {
      const url = new URL(link, base)
      if (url.pathname.startsWith('/api/')) {
        const answer = await page.request.head(url.href).catch(() => null)
        if (answer && answer.status() === 404) throw new Failed(`dead link: ${link} on ${path}`)
      } else waiting.push(url.pathname)
    }
  }
  if (seen.size < 5) throw new Failed(`only ${seen.size} pages were found`)
}
