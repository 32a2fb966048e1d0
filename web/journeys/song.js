// A song in words that are understood as they are typed, bars kept while the rest is written anew, a chord replaced,
// all of it taken back; played with its place shown; easier, transposed, liked.
// At the desk by keyboard alone.
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, check } = visit
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  await page.goto('/music')
  // One that no model gets done with: given up, it says so, and goes.
  await hand.fill(page.getByLabel('What shall it be?'), 'a gospel shout that never ends')
  await hand.press(page.getByRole('button', { name: 'Write it' }))
  await hand.press(page.locator('main').getByRole('button', { name: 'Cancel' }))
  await page.getByText('This song was cancelled before it was written.').waitFor()
  await page.getByRole('button', { name: 'Write it after all' }).waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Remove the song' }))
  await hand.press(page.getByRole('dialog').getByRole('button', { name: 'Remove the song' }))
  await page.waitForURL('**/music')
  await hand.fill(page.getByLabel('What shall it be?'), 'a jazz ballad in Eb, 8 bars')
  await page.getByRole('region', { name: 'Understood as' }).getByText('Eb major').waitFor()
  await check()
  await hand.press(page.getByRole('button', { name: 'Write it' }))
  const symbols = page.locator('.chart .symbol')
  await symbols.first().waitFor()
  await page.locator('.score img').first().waitFor()
  await check()
  const bar = (n) => page.locator('.chart .bar').nth(n).locator('.symbol').allTextContents()
  const before = [await bar(0), await bar(1)]
  await hand.press(page.getByLabel('Keep bar 1', { exact: true }))
  await page.locator('.bar.locked').first().waitFor()
  await hand.press(page.getByLabel('Keep bar 2', { exact: true }))
  await page.waitForFunction(() => document.querySelectorAll('.bar.locked').length === 2)
  await hand.press(page.getByRole('button', { name: 'Write the other bars anew' }))
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  const after = [await bar(0), await bar(1)]
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Failed('kept bars changed')

  await hand.press(symbols.nth(3))
  const other = page.locator('.suggestions button').first()
  const wanted = (await other.textContent())?.trim() ?? ''
  await hand.press(other)
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol === symbol, wanted)
  await hand.press(page.getByRole('button', { name: 'Undo' }))
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol !== symbol, wanted)
  await hand.press(page.getByRole('button', { name: 'Redo' }))
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[3]?.dataset.symbol === symbol, wanted)

  await page.waitForFunction(() => [...document.querySelectorAll('.score img')].every((sheet) => sheet.naturalWidth))
  await hand.press(page.getByRole('button', { name: 'Play', exact: true }))
  await page.locator('.chart .now').waitFor()
  await page.locator('.score .lit').waitFor()
  await page.waitForFunction(() => Number(document.querySelector('input[type=range]').value) > 0.3)
  // A bar that is kept while the song is heard does not stop it.
  await hand.press(page.getByLabel('Keep bar 3', { exact: true }))
  await page.waitForFunction(() => document.querySelectorAll('.bar.locked').length === 3)
  const heard = Number(await page.locator('input[type=range]').inputValue())
  await page.waitForFunction((before) => Number(document.querySelector('input[type=range]').value) > before + 0.2, heard)
  await hand.press(page.getByRole('button', { name: 'Pause' }))
  await hand.press(page.getByRole('button', { name: 'I like it' }))
  await page.getByText('Remembered: more like this.').waitFor()
  await hand.fill(page.getByLabel('Key', { exact: true }), 'C')
  await hand.press(page.getByRole('button', { name: 'Transpose' }))
  await page.getByText(/^\s*C major/).waitFor()
  await check()
}
