import { chromium } from 'playwright-core'
const [base, out, ...jobs] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(' ') })
for (const job of jobs) {
  const [size, theme, path, wait, click] = job.split('|')
  const context = await browser.newContext({ viewport: size === 'wide' ? { width: 1440, height: 900 } : { width: 360, height: 740 }, locale: 'en-US', hasTouch: size === 'phone', isMobile: size==='phone' })
  await context.addInitScript((t) => localStorage.setItem('scrivano.theme', t), theme)
  const page = await context.newPage()
  page.on('console', (m) => m.type() === 'error' && console.log(size, m.text()))
  page.on('pageerror', (e) => console.log('page error', e.message))
  await page.goto(base + path)
  await page.locator(wait || 'main h1').first().waitFor({ timeout: 20000 }).catch(() => console.log('no', wait))
  for (const c of (click || '').split(';').filter(Boolean)) { await page.locator(c).first().click({timeout: 5000}).catch(e => console.log(e.message.slice(0,200))); await page.waitForTimeout(600) }
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${out}/${jobs.indexOf(job)}.png` })
  await context.close()
}
await browser.close()
