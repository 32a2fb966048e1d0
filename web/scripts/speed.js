// How quickly the studio is there, and moves: cold home, changes of page, a log of many requests scrolled.
// node scripts/speed.js BASE — prints one JSON object; the log's figures need requests in the database.
import { chromium } from 'playwright-core'

const [base] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(' '),
})
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const figures = {}
try {
  const home = []
  for (let n = 0; n < 5; n++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
    const page = await context.newPage()
    await page.goto(base)
    await page.locator('main h1').waitFor()
    // From the first byte asked for to the heading under which a person can act.
    home.push(await page.evaluate(() => performance.now()))
    await context.close()
  }
  figures.home_ms = { median: Math.round(median(home)), worst: Math.round(Math.max(...home)) }

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
  const page = await context.newPage()
  await page.goto(base)
  await page.locator('.side nav a').first().waitFor()
  const links = await page.locator('.side nav a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  const change = async (href) => {
    await page.locator(`.side nav a[href="${href}"]`).waitFor()
    return page.evaluate(async (wanted) => {
      const before = document.querySelector('main h1')?.textContent
      const began = performance.now()
      document.querySelector(`.side nav a[href="${wanted}"]`).click()
      while (!document.querySelector('main h1') || document.querySelector('main h1').textContent === before) {
        if (performance.now() - began > 10_000) break
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return performance.now() - began
    }, href)
  }
  for (const round of ['first', 'again']) {
    const each = {}
    for (const href of [...links.slice(1), links[0]]) each[href] = Math.round(await change(href))
    const [slowest, worst] = Object.entries(each).reduce((most, one) => (one[1] > most[1] ? one : most))
    figures[`route_${round}_ms`] = { median: median(Object.values(each)), worst, slowest, each }
  }

  await page.goto(`${base}/usage`)
  const log = page.getByRole('listbox')
  if (await log.waitFor({ timeout: 15_000 }).then(() => true, () => false)) {
    figures.requests = await log.getByRole('option').first().getAttribute('aria-setsize').then(Number)
    figures.scroll = await log.evaluate(async (place) => {
      const frames = []
      const steps = 240
      let last = performance.now()
      let blank = 0
      for (let n = 0; n <= steps; n++) {
        place.scrollTop = (place.scrollHeight * n) / steps
        await new Promise((resolve) => requestAnimationFrame(resolve))
        const now = performance.now()
        frames.push(now - last)
        last = now
        if (!place.querySelector('.row')) blank++
      }
      const settle = performance.now()
      while (place.querySelector('.waits') && performance.now() - settle < 10_000) await new Promise((resolve) => setTimeout(resolve, 10))
      const sorted = [...frames].sort((a, b) => a - b)
      return {
        frame_median_ms: Math.round(sorted[sorted.length >> 1] * 10) / 10,
        frame_p99_ms: Math.round(sorted[Math.floor(sorted.length * 0.99)] * 10) / 10,
        frames_without_a_row: blank,
        last_page_ms: Math.round(performance.now() - settle),
        rows_drawn: place.querySelectorAll('.row').length,
      }
    })
  }
  await context.close()
} finally {
  await browser.close()
}
console.log(JSON.stringify(figures, null, 2))
