// A song in words, bars kept while the rest is written anew, a chord replaced, all of it taken back.
import { Failed, travel } from './browser.js'

await travel(async ({ page, check }) => {
  await page.goto('/music')
  await page.getByLabel('What shall it be?').fill('a jazz ballad in Eb, 8 bars')
  await check()
  await page.getByRole('button', { name: 'Write it' }).click()
  const symbols = page.locator('.chart .symbol')
  await symbols.first().waitFor()
  await page.locator('.score img').first().waitFor()
  await check()
  const bar = (n) => page.locator('.chart .bar').nth(n).locator('.symbol').allTextContents()
  const before = [await bar(0), await bar(1)]
  await page.getByLabel('Keep bar 1', { exact: true }).check()
  await page.getByLabel('Keep bar 2', { exact: true }).check()
  await page.getByRole('button', { name: 'Write the other bars anew' }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  const after = [await bar(0), await bar(1)]
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Failed('kept bars changed')
  await symbols.nth(1).click()
  const other = page.locator('.suggestions button').first()
  const wanted = (await other.textContent())?.trim() ?? ''
  await other.click()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[1]?.textContent?.trim() === symbol, wanted)
  await check()
})
