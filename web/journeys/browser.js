// A real Chromium at one of the two sizes, with what every journey asks of a page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } }
const PATIENCE = 60_000

export class Failed extends Error {}

/** Run `journey(visit)` at both sizes, the wide one dark and the phone light; ends the process with 1 if one fails. */
export async function travel(journey) {
  const [base] = process.argv.slice(2)
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS.split(' ') })
  try {
    for (const [size, theme] of [
      ['wide', 'dark'],
      ['phone', 'light'],
    ]) {
      const visit = await enter(browser, base, size, theme)
      try {
        await journey(visit)
      } catch (error) {
        // For the eye: what the page looked like when it went wrong.
        if (process.env.SHOTS) await visit.page.screenshot({ path: `${process.env.SHOTS}/failed-${size}.png`, fullPage: true })
        throw error
      }
      if (visit.errors.length) throw new Failed(`${size}: the page reported ${visit.errors.join('; ')}`)
      if (visit.foreign.length) throw new Failed(`${size}: asked of other machines: ${visit.foreign.join(', ')}`)
      await visit.page.context().close()
      console.log(`${size}, ${theme}: done`)
    }
  } finally {
    await browser.close()
  }
}

async function enter(browser, base, size, theme) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    locale: 'en-US',
    acceptDownloads: true,
  })
  await context.addInitScript((wanted) => localStorage.setItem('scrivano.theme', wanted), theme)
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const visit = { page, size, theme, base, errors: [], foreign: [], check: () => check(visit) }
  page.on('pageerror', (error) => visit.errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') visit.errors.push(`${message.text()} ${message.location().url}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.origin !== new URL(base).origin)
      visit.foreign.push(url.href)
  })
  return visit
}

/** Nothing that axe finds, no page wider than the screen, and on a phone nothing too small to touch. */
async function check({ page, size, theme }) {
  await page.locator('h1').first().waitFor()
  // Not through a script element: the content security policy would refuse it, as it should.
  await page.evaluate(axe)
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  if (found.violations.length) {
    const told = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`)
    throw new Failed(`${page.url()} (${size}, ${theme}): ${told.join('; ')}`)
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (over > 0) throw new Failed(`${page.url()} (${size}): ${over} px wider than the screen`)
  if (size === 'phone') {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, a.button, input:not([type=checkbox]):not([type=radio]), select')]
        .filter((element) => element.checkVisibility())
        .map((element) => ({ box: element.getBoundingClientRect(), what: element.textContent?.trim() || element.tagName }))
        .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
        .map(({ box, what }) => `${what} ${Math.round(box.width)}×${Math.round(box.height)}`),
    )
    if (small.length) throw new Failed(`${page.url()}: too small to touch: ${small.slice(0, 5).join(', ')}`)
  }
}
