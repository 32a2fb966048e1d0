// Versions of a song: what made each, two of them compared in words and in the chart, an earlier one taken again and that
// undone. Then what was learned of a person's taste: one thing forgotten and that taken back, one forgotten for good, and
// everything. At the desk by keyboard alone.
import { Failed } from './browser.js'
import { hands } from './hands.js'

/** A person's taste is theirs in every project: two journeys at once would meet. */
export const inTurn = true

export default async function journey(visit) {
  const { page, size, check } = visit
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const button = (name, within = page) => within.getByRole('button', { name, exact: true })
  const call = async (method, path, body) => {
    const answer = await page.request.fetch(`/api/music${path}`, { method, data: body })
    if (!answer.ok()) throw new Failed(`${method} ${path}: ${await answer.text()}`)
    return answer.status() === 204 ? null : answer.json()
  }
  // Whatever was learned before, from here on nothing is known.
  await call('DELETE', '/preferences')
  await page.goto('/music')
  await hand.press(page.getByRole('link', { name: 'Your taste' }))
  await page.getByRole('heading', { name: 'Nothing learned yet.' }).waitFor()
  await check()
  await hand.press(page.getByRole('link', { name: 'Write a song' }))
  await hand.fill(page.getByLabel('What shall it be?'), 'a jazz ballad in Eb, 8 bars')
  await hand.press(button('Write it'))
  await page.locator('.chart .symbol').first().waitFor()
  const versions = page.getByRole('region', { name: 'Versions' })
  await versions.getByText('First written').waitFor()
  await versions.getByText(/^by Scrivano, with rules/).waitFor()
  await check()

  await hand.press(page.locator('.chart .symbol').nth(2))
  const other = page.locator('.suggestions button').first()
  const wanted = (await other.textContent())?.trim() ?? ''
  await hand.press(other)
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[2]?.dataset.symbol === symbol, wanted)
  await versions.getByText(new RegExp(`^Bar \\d: .+ for .+`)).waitFor()
  await hand.press(button('Compare version 1', versions))
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/^One bar of 8 has other chords: \d\.$/).waitFor()
  if ((await dialog.locator('.bars li.chords').count()) !== 1) throw new Failed(`${size}: not one bar is marked`)
  await check()
  await hand.press(button('Take version 1 again', dialog))
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Version 1 stands again, as the newest.').waitFor()
  await versions.getByText('Version 1 taken again').waitFor()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[2]?.dataset.symbol !== symbol, wanted)
  await check()
  await hand.press(button('Undo', page.locator('.toast').filter({ hasText: 'Version 1 stands again' })))
  await versions.getByText('Version 2 taken again').waitFor()
  await page.waitForFunction((symbol) => document.querySelectorAll('.chart .symbol')[2]?.dataset.symbol === symbol, wanted)
  await hand.fill(page.getByLabel('Key', { exact: true }), 'C')
  await hand.press(button('Transpose'))
  await versions.getByText('Moved to C major').waitFor()
  await hand.press(button('Compare version 4', versions))
  await dialog.getByText('The chords are the same ones, moved to the new key.').waitFor()
  await check()
  await page.keyboard.press('Escape')
  await hand.press(button('I like it'))
  await page.getByText('Remembered: more like this.').waitFor()

  // By the palette, as from anywhere.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Your taste')
  await page.getByRole('option', { name: /^Your taste/ }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('1 choice and 1 opinion, on 1 song').waitFor()
  await page.getByText('you kept 1 song and rejected 0').waitFor()
  await check()
  const did = page.getByRole('region', { name: 'What you did with chords' })
  const forget = () => did.getByRole('button', { name: /^Forget: .+ in place of / })
  await hand.press(forget())
  await did.getByText('Nothing yet.').waitFor()
  await hand.press(button('Undo', page.locator('.toast').filter({ hasText: 'Forgotten:' })))
  await forget().waitFor()
  if ((await call('GET', '/preferences')).choices !== 1) throw new Failed(`${size}: forgotten although it was taken back`)
  await hand.press(forget())
  // To leave the page is to mean it.
  const gone = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await page.goto('/settings/taste')
  await gone.catch(() => null)
  await page.getByText('0 choices and 1 opinion, on 1 song').waitFor()
  await check()
  await hand.press(button('Forget everything'))
  await page.getByRole('heading', { name: 'Nothing learned yet.' }).waitFor()
  await check()
  const all = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await hand.press(page.getByRole('link', { name: 'Write a song' }))
  await all
  if ((await call('GET', '/preferences')).reactions) throw new Failed(`${size}: not everything is forgotten`)
}
