// A real Chromium at one of the two sizes, with what every journey asks of a page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } }
/** Each size in the theme of its own that journeys are taken in; OTHER=1 takes the other two pairs. */
export const PAIRS = process.env.OTHER
  ? [
      ['wide', 'light'],
      ['phone', 'dark'],
    ]
  : [
      ['wide', 'dark'],
      ['phone', 'light'],
    ]
const PATIENCE = 60_000

export class Failed extends Error {}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS.split(' ') })

/** Take one journey at one size in a context of its own, in which nothing of another one is known. */
export async function take(browser, base, journey, { size, theme, args, project }) {
  const visit = await enter(browser, base, size, theme, project)
  try {
    visit.args = args
    await journey(visit)
    if (visit.errors.length) throw new Failed(`${size}: the page reported ${visit.errors.join('; ')}`)
    if (visit.foreign.length) throw new Failed(`${size}: asked of other machines: ${visit.foreign.join(', ')}`)
  } catch (error) {
    // For the eye: what the page looked like when it went wrong.
    if (process.env.SHOTS) await visit.page.screenshot({ path: `${process.env.SHOTS}/failed-${size}.png`, fullPage: true }).catch(() => {})
    throw error
  } finally {
    await visit.page.context().close()
  }
  return visit.spent
}

async function enter(browser, base, size, theme, project) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    locale: 'en-US',
    acceptDownloads: true,
    // What moves is at its end at once, as for a person who wants it so; nothing has to be waited for.
    reducedMotion: 'reduce',
  })
  await context.addInitScript(
    ([wanted, own]) => {
      localStorage.setItem('scrivano.theme', wanted)
      if (own && !localStorage.getItem('scrivano.project')) localStorage.setItem('scrivano.project', own)
    },
    [theme, project],
  )
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const visit = { page, size, theme, base, project, errors: [], foreign: [], spent: { checks: 0, looked: 0, ms: 0 } }
  const looked = new Set()
  visit.check = () => check(visit, looked)
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

/**
 * Nothing that axe finds, no page wider than the screen, and on a phone nothing too small to touch. What a visit has
 * seen before is not looked at twice: the frame around the page once, a page whose elements are the same not at all.
 */
async function check(visit, looked) {
  const { page, size, theme, spent } = visit
  await page.locator('h1').first().waitFor()
  const began = performance.now()
  spent.checks++
  // Not through a script element: the content security policy would refuse it, as it should.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const { shape, frame } = await page.evaluate(shapes)
  if (!looked.has(shape)) {
    spent.looked++
    const found = await page.evaluate(
      (whole) =>
        window.axe.run(whole || !document.querySelector('main') ? document : { include: ['main', '[role=dialog]'].filter((one) => document.querySelector(one)) }, {
          resultTypes: ['violations'],
        }),
      !looked.has(frame),
    )
    looked.add(shape).add(frame)
    if (found.violations.length) {
      const told = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`)
      throw new Failed(`${page.url()} (${size}, ${theme}): ${told.join('; ')}`)
    }
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (over > 0) throw new Failed(`${page.url()} (${size}): ${over} px wider than the screen`)
  if (size === 'phone') {
    const small = await page.evaluate(tooSmall)
    if (small.length) throw new Failed(`${page.url()}: too small to touch: ${small.slice(0, 5).join(', ')}`)
  }
  spent.ms += performance.now() - began
}

/** What the page and the frame around it are made of, without the words in them. */
function shapes() {
  const marks = ['class', 'role', 'type', 'disabled', 'aria-label', 'aria-expanded', 'aria-pressed', 'aria-selected', 'aria-current', 'aria-invalid', 'open']
  const of = (element) =>
    [element, ...element.querySelectorAll('*')]
      .map((one) => `${one.tagName}${marks.map((mark) => (one.hasAttribute(mark) ? `${mark}=${one.getAttribute(mark).replace(/\d+/g, '')}` : '')).join('')}`)
      .join('|')
  const main = document.querySelector('main')
  const around = [...document.querySelectorAll('#app > * > *')].filter((one) => one !== main && !one.contains(main))
  const dialogs = [...document.querySelectorAll('[role=dialog]')]
  return {
    shape: `page ${[main, ...dialogs].filter(Boolean).map(of).join('#') || of(document.body)}`,
    frame: `frame ${around.map(of).join('#')} ${dialogs.length ? 'behind' : ''}`,
  }
}

function tooSmall() {
  return [...document.querySelectorAll('button, a.button, input:not([type=checkbox]):not([type=radio]), select')]
    .filter((element) => element.checkVisibility())
    .map((element) => ({ box: element.getBoundingClientRect(), what: element.textContent?.trim() || element.tagName }))
    .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(({ box, what }) => `${what} ${Math.round(box.width)}×${Math.round(box.height)}`)
}
