// A chapter being written: the page is loaded anew again and again, the network goes off and on, the server is killed.
// No word of what shows is lost or doubled: every sight of it is a beginning of the text that the model gave.
// live MODEL RELOADS; each size says "kill" when the server may be killed and started again.
import { Failed } from './browser.js'

// Both sizes let the model go on at the same time: it then writes to where it falls silent, and reading has its patience.
const MOST = 600_000
const looked = new EventTarget()
let ready = 0

/** Once this has been called for both sizes; fails where the other one does not come so far. */
function both() {
  const there = new Promise((resolve, reject) => {
    looked.addEventListener('both', resolve)
    setTimeout(() => reject(new Failed('the other size never came so far')), MOST).unref()
  })
  if (++ready === 2) looked.dispatchEvent(new Event('both'))
  return there
}

/** The text as the page shows it, paragraph by paragraph. */
const seen = () => [...document.querySelectorAll('[data-live] p')].map((p) => p.textContent).join('\n\n')

/** Keep every state of the text from now on. */
function record() {
  window.states = []
  const look = () => {
    const text = [...document.querySelectorAll('[data-live] p')].map((p) => p.textContent).join('\n\n')
    if (text && text !== window.states[window.states.length - 1]) window.states.push(text)
  }
  new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true })
  look()
}

export default async function journey(visit) {
  const { page, size } = visit
  const [model, wanted = 100] = visit.args
  const reloads = Number(wanted)
  const order = { brief: { kind: 'fiction', premise: `A tide that is late, ${size}.`, words: 2400, chapters: 1 } }
  const book = await (await page.request.post('/api/books', { data: order })).json()
  const states = []
  const lost = page.locator('[role=alert].line')
  await page.goto(`/books/${book.id}`)
  await page.locator('[data-live] p').first().waitFor()
  let times = 0
  while (times < (size === 'wide' ? reloads : 3)) {
    await page.reload()
    times++
    await page.locator('[data-live] p, a.line').first().waitFor()
    if (await page.locator('a.line').count()) throw new Failed(`${size}: the chapter was finished after ${times} reloads`)
    states.push(await page.evaluate(seen))
  }
  await page.evaluate(record)

  await page.context().setOffline(true)
  await lost.waitFor()
  await page.context().setOffline(false)
  await lost.waitFor({ state: 'detached' })
  const before = await page.evaluate(() => window.states.length)
  // So far the model wrote no further than to the middle, however long all this took; from here no further than to where
  // it falls silent, until the server is killed.
  await both()
  await page.request.post(`${model}/release/${size}`)
  await page.waitForFunction((n) => window.states.length > n || document.querySelector('a.line'), before)

  console.error('kill')
  // The server may be back before the page has asked it anything; that the text is whole is what counts.
  await page.locator('a.line').first().waitFor({ timeout: 240_000 })
  states.push(...(await page.evaluate(() => window.states)))

  const asked = await (await page.request.get('/api/requests', { params: { run_id: book.run_id, limit: 100 } })).json()
  const own = asked.filter((each) => ['write_chapter', 'continue_chapter'].includes(each.purpose) && each.status === 'finished')
  const parts = []
  for (const each of own.reverse()) {
    const whole = await (await page.request.get(`/api/requests/${each.id}`)).json()
    parts.push(whole.answer.content)
  }
  const given = parts.join('\n\n')
  for (const state of states)
    if (!given.startsWith(state)) {
      const at = [...state].findIndex((sign, n) => sign !== given[n])
      throw new Failed(`${size}: the page showed what was never written, at ${at}: “${state.slice(at - 40, at + 40)}” for “${given.slice(at - 40, at + 40)}”`)
    }
  if (states[states.length - 1] !== given) throw new Failed(`${size}: the page ended with ${states[states.length - 1]?.length} characters of ${given.length}`)
  console.error(`${size}: ${times} reloads, ${states.length} sights of the text, ${given.length} characters`)
  visit.errors = visit.errors.filter((error) => !/ERR_|Failed to (fetch|load)|network/i.test(error))
}
