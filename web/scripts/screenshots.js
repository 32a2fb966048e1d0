// Pictures of pages in both themes and sizes, as PNG. node scripts/screenshots.js BASE FOLDER name=path…
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const [base, folder, ...pages] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(' '),
})

/** A function that waits until no call of the API is under way and the page has drawn what came. Live streams never end and don't count. */
function calls(page) {
  const open = new Set()
  let told = () => {}
  const counts = (request) => request.url().includes('/api/') && !/\/events|\/stream/.test(request.url())
  page.on('request', (request) => counts(request) && open.add(request))
  for (const end of ['requestfinished', 'requestfailed'])
    page.on(end, (request) => {
      open.delete(request)
      told()
    })
  const drawn = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  return async () => {
    do {
      while (open.size) await new Promise((done) => (told = done))
      await drawn()
    } while (open.size)
  }
}

mkdirSync(folder, { recursive: true })
try {
  for (const [size, width, height] of [['wide', 1440, 900], ['phone', 360, 740]])
    for (const theme of ['dark', 'light']) {
      const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US', hasTouch: size === 'phone', isMobile: size === 'phone', reducedMotion: 'reduce' })
      await context.addInitScript((wanted) => localStorage.setItem('scrivano.theme', wanted), theme)
      const page = await context.newPage()
      const settled = calls(page)
      for (const entry of pages) {
        const at = entry.indexOf('=')
        const [name, path] = [entry.slice(0, at), entry.slice(at + 1)]
        await page.goto(base + path)
        await page.locator('main h1, main h2').first().waitFor()
        // What is still being fetched is drawn as a skeleton; a picture shows what comes after it.
        await page.waitForFunction(() => !document.querySelector('.skeleton') && [...document.images].every((image) => image.complete))
        await settled()
        await page.evaluate(() => document.fonts.ready)
        await page.screenshot({ path: `${folder}/${name}-${size}-${theme}.png` })
      }
      await context.close()
    }
} finally {
  await browser.close()
}
