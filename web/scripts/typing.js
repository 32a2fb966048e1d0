// How long the page works on a key typed into a chapter of 10,000 words. node scripts/typing.js URL [keys]
// Against a running studio: it brings a manuscript of its own and removes it again.
import { chromium } from 'playwright-core'

const [base, keys = '200'] = process.argv.slice(2)
const words = 'The keeper counts the letters once more and finds the same number as on every other evening of that long year'.split(' ')
const paragraph = (n) => `${Array.from({ length: 100 }, (_, w) => words[(n * 7 + w) % words.length]).join(' ')}.`
const text = `# One\n\n${Array.from({ length: 100 }, (_, n) => paragraph(n)).join('\n\n')}\n`
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const page = await (await browser.newContext({ baseURL: base, viewport: { width: 1440, height: 900 } })).newPage()
const file = { name: 'long.md', mimeType: 'text/markdown', buffer: Buffer.from(text) }
const book = await (await page.request.post('/api/books/import', { multipart: { file } })).json()
try {
  await page.goto(`/books/${book.id}/chapters/1`)
  const editor = page.locator('.cm-content')
  await editor.waitFor({ timeout: 60_000 })
  await editor.click()
  await page.evaluate(() => {
    // From the key until the page has laid out what it changed: what stands between a key and its frame.
    window.spent = []
    let begun = 0
    window.addEventListener('keydown', () => (begun = performance.now()), true)
    window.addEventListener('input', () => {
      queueMicrotask(() => {
        void document.querySelector('.cm-content').getBoundingClientRect().height
        window.spent.push(performance.now() - begun)
      })
    })
  })
  await page.keyboard.type('The old lamp is lit at six. '.repeat(Math.ceil(Number(keys) / 28)).slice(0, Number(keys)), { delay: 25 })
  const spent = (await page.evaluate(() => window.spent)).sort((a, b) => a - b)
  const at = (share) => spent[Math.min(spent.length - 1, Math.floor(spent.length * share))].toFixed(1)
  console.log(`${spent.length} keys in 10,000 words: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, 99 % ${at(0.99)} ms, most ${at(1)} ms`)
} finally {
  await page.request.delete(`/api/books/${book.id}`)
  await browser.close()
}
