// For the eye: a page at both sizes and in both themes, as PNG. node scripts/look.js URL FOLDER path…
import { chromium } from 'playwright-core'

const [base, folder, ...paths] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
for (const [size, width, height] of [['wide', 1440, 900], ['phone', 360, 740]])
  for (const theme of ['dark', 'light']) {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US', hasTouch: size === 'phone' })
    await context.addInitScript((t) => localStorage.setItem('scrivano.theme', t), theme)
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && console.log(theme, size, message.text()))
    page.on('pageerror', (error) => console.log('page error', error.message))
    for (const path of paths) {
      await page.goto(base + path)
      await page.locator('main h1, main h2').first().waitFor({ timeout: 10_000 }).catch(() => console.log('no heading', path))
      await page.waitForFunction(() => !document.querySelector('.skeleton'), undefined, { timeout: 10_000 }).catch(() => {})
      await page.waitForTimeout(300)
      const name = `${path.replaceAll('/', '_') || '_'}-${size}-${theme}.png`
      await page.screenshot({ path: `${folder}/${name}` })
    }
    await context.close()
  }
await browser.close()
