// Every page that a link leads to from the desk: it has a heading, nothing that axe finds, and no dead link.
import { Failed } from './browser.js'
import { crawl } from './crawl.js'

export default async function journey(visit) {
  const { page, check } = visit
  const tried = new Set()
  const count = await crawl(visit, async (path, links) => {
    if (await page.getByText('There is no such page.').count()) throw new Failed(`dead link: ${path}`)
    await check()
    for (const url of links) {
      if (!url.pathname.startsWith('/api/') || tried.has(url.href)) continue
      tried.add(url.href)
      const answer = await page.request.head(url.href).catch(() => null)
      if (answer && answer.status() === 404) throw new Failed(`dead link: ${url.href} on ${path}`)
    }
  })
  if (count < 5) throw new Failed(`only ${count} pages were found`)
}
