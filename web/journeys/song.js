// A song in words that are understood as they are typed, bars kept while the rest is written anew, a chord replaced,
// all of it taken back; played with its place shown; easier, transposed, liked.
import { Failed } from './browser.js'

export default async function journey({ page, check }) {
  await page.goto('/music')
  await page.getByLabel('What shall it be?').fill('a jazz ballad in Eb, 8 bars')
  await page.getByRole('region', { name: 'Understood as' }).getByText('Eb major').waitFor()
  await check()
  await page.getByRole('button', { name: 'Write it' }).click()
  const symbols = page.locator('.chart .symbol')
  await symbols.first().waitFor()
  await page.locator('.score img').first().waitFor()
  await check()
  const bar = (n) => page.locator('.chart .bar').nth(n).locator('.symbol').allTextContents()
  const before = [await bar(0), await bar(1)]
  await page.getByLabel('Keep bar 1', { exact: true }).check()
  await page.locator('.bar.locked').first().waitFor()
  await page.getByLabel('Keep bar 2', { exact: true }).check()
  await page.waitForFunction(() => document.querySelectorAll('.bar.locked').length === 2)
  await page.getByRole('button', { name: 'Write the other bars anew' }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  const after = [await bar(0), await bar(1)]
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Failed('kept bars changed')

  await symbols.nth(3).click()
  const other = page.locator('.suggestions button').first()
  const wanted = (await other.textContent())?.trim() ?? ''
  await other.click()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol === symbol, wanted)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol !== symbol, wanted)
  await page.getByRole('button', { name: 'Redo' }).click()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol === symbol, wanted)

  await page.waitForFunction(() => [...document.querySelectorAll('.score img')].every((sheet) => sheet.naturalWidth))
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.locator('.chart .now').waitFor()
  await page.locator('.score .lit').waitFor()
  await page.waitForFunction(() => Number(document.querySelector('input[type=range]').value) > 0.3)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'I like it' }).click()
  await page.getByText('Remembered: more like this.').waitFor()
  await page.getByLabel('Key', { exact: true }).fill('C')
  await page.getByRole('button', { name: 'Transpose' }).click()
  await page.getByText(/^\s*C major/).waitFor()
  await check()
}
