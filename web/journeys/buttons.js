// Every button of every page is pressed: it changes the page or its address, asks something of the service, or gives a
// file. One that does none of these is dead, and one that throws is broken. What would change anything at the service is
// held back and refused, so that all of it can be pressed.
import { Failed } from './browser.js'
import { crawl, open } from './crawl.js'

const REFUSED = { status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Held back', detail: 'Held back.', status: 409 }) }
/** What has happened since `begin`, in the page. */
function begin() {
  window.happened = ''
  const note = (what) => (window.happened = window.happened || what)
  window.noting?.disconnect()
  window.noting = new MutationObserver((all) => all.some((one) => one.type !== 'attributes' || one.attributeName !== 'style') && note('the page changed'))
  window.noting.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true })
  document.addEventListener('focusin', () => note('the focus moved'), { once: true })
}
function buttons() {
  document.querySelectorAll('[data-at]').forEach((one) => one.removeAttribute('data-at'))
  return [...document.querySelectorAll('main button, aside button, nav button')]
    // What is chosen already has nothing to do.
    .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && !one.matches('[aria-pressed=true], [aria-selected=true], [aria-current]'))
    .map((one, n) => (one.setAttribute('data-at', n), one))
    .map((one) => `${one.closest('main') ? 'page' : 'frame'} ${(one.getAttribute('aria-label') || one.textContent || one.className).trim().replace(/\s+/g, ' ').replace(/[\d:“”].*$/, '')}`)
}

export default async function journey(visit) {
  const { page, size } = visit
  let sent = ''
  await page.route('**/api/**', (route) => {
    const request = route.request()
    if (request.method() === 'GET') return route.continue()
    sent = `${request.method()} ${new URL(request.url()).pathname}`
    return route.fulfill(REFUSED)
  })
  page.on('request', (request) => (sent = sent || request.url()))
  for (const what of ['download', 'filechooser', 'popup']) page.on(what, () => (sent = what))
  page.on('dialog', (dialog) => {
    sent = 'a question'
    void dialog.accept()
  })
  const frame = new Set()
  const dead = []
  let pressed = 0
  await crawl(visit, async (path) => {
    const done = new Set()
    let fresh = true
    let again = ''
    for (;;) {
      const names = await page.evaluate(buttons)
      const at = names.findIndex((name) => !(name.startsWith('frame') ? frame : done).has(name))
      if (at < 0) {
        // What a press uncovered is gone with it; what the page has by itself is all pressed.
        if (fresh) return
        await open(page, path)
        fresh = true
        continue
      }
      const name = names[at]
      const pressedBefore = name.startsWith('frame') ? frame : done
      const address = page.url()
      await page.evaluate(begin)
      sent = ''
      try {
        await page.locator(`[data-at="${at}"]`).first().click({ noWaitAfter: true, timeout: 5_000 })
      } catch (error) {
        // The page went on reading and drew it anew, or shut it: once more on the page as it is by itself.
        if (again === name) throw error
        again = name
        await open(page, path)
        fresh = true
        continue
      }
      pressedBefore.add(name)
      pressed++
      const alive = await page
        .waitForFunction(() => window.happened !== '', undefined, { timeout: 10_000 })
        .then(() => true, () => false)
      if (!alive && !sent && page.url() === address) dead.push(`${name.replace(/^\w+ /, '')} on ${path}`)
      if (visit.errors.some((error) => !/Failed to load resource/.test(error))) throw new Failed(`${name} on ${path} (${size}): ${visit.errors.join('; ')}`)
      // A dialog over the page, or another page: begin anew for the next.
      if (page.url() !== address || (await page.locator('[role=dialog], [role=menu], [role=alertdialog]').count())) {
        await open(page, path)
        fresh = true
      } else fresh = false
    }
  })
  if (dead.length) throw new Failed(`${size}: dead buttons: ${dead.join('; ')}`)
  console.error(`buttons, ${size}: ${pressed} pressed`)
  visit.errors = visit.errors.filter((error) => !/Failed to load resource/.test(error))
}
