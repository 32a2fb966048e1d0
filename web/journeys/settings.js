// Settings: how the studio looks and speaks, a key made and revoked, a place to publish to added and changed, a webhook
// added, asked for a sign of life and removed, a budget, a project made and renamed, a sample of a pack added and removed.
// At the desk by keyboard alone.
import { Failed } from './browser.js'
import { hands } from './hands.js'

export default async function journey(visit) {
  const { page, size, theme, check } = visit
  const hand = hands(visit, size === 'wide' ? 'keyboard' : 'touch')
  const button = (name) => page.getByRole('button', { name, exact: true })
  const at = async (section) => {
    await page.goto(`/settings/${section}`)
    await page.locator('main h1').waitFor()
    await page.waitForFunction(() => !document.querySelector('main .skeleton'))
  }
  const stamp = `${size}-${Date.now().toString(36)}`

  await at('profile')
  await hand.select(page.getByLabel('Colours'), theme === 'dark' ? 'Light' : 'Dark')
  await page.locator(`html[data-theme=${theme === 'dark' ? 'light' : 'dark'}]`).waitFor()
  await check()
  await hand.select(page.getByLabel('Language'), 'Deutsch')
  await page.getByRole('heading', { name: 'Profil', exact: true }).waitFor()
  await check()
  await hand.key(page.getByLabel('Sprache'), 'ArrowUp')
  await page.getByRole('heading', { name: 'Profile', exact: true }).waitFor()
  await hand.select(page.getByLabel('Colours'), theme === 'dark' ? 'Dark' : 'Light')
  await page.locator(`html[data-theme=${theme}]`).waitFor()

  await at('keys')
  await hand.press(page.getByRole('button', { name: 'Make a key' }).first())
  await hand.fill(page.getByLabel('Name', { exact: true }), `Key ${stamp}`)
  await check()
  await hand.press(page.locator('form').getByRole('button', { name: 'Make a key' }))
  const secret = await page.locator('.secret code').textContent()
  const call = await fetch(`${visit.base}/v1/models`, { headers: { Authorization: `Bearer ${secret?.trim()}` } })
  if (!call.ok) throw new Failed(`${size}: the key that was shown does not open anything: ${call.status}`)
  await check()
  await hand.press(page.getByRole('button', { name: `Revoke: Key ${stamp}` }))
  await hand.press(page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Revoke' }))
  await page.getByRole('button', { name: `Revoke: Key ${stamp}` }).waitFor({ state: 'detached' })

  await at('publishing')
  await hand.press(page.getByRole('button', { name: 'Add a place' }).first())
  await hand.fill(page.getByLabel('Name', { exact: true }), `shop-${stamp}`)
  await check()
  await hand.press(page.locator('form').getByRole('button', { name: 'Add a place' }))
  const place = page.locator('.rows li').filter({ hasText: `shop-${stamp}` })
  await place.waitFor()
  await hand.press(place.getByRole('button', { name: 'Edit' }))
  await hand.fill(page.getByLabel(/^Folder/), 'shop')
  await hand.press(button('Save'))
  await place.getByText('shop', { exact: true }).waitFor()
  await check()

  await at('webhooks')
  await hand.press(page.getByRole('button', { name: 'Add a webhook' }).first())
  await hand.fill(page.getByLabel('Address that is told'), `https://example.org/${stamp}`)
  await hand.press(page.locator('form').getByRole('button', { name: 'Add a webhook' }))
  await page.locator('.secret code').waitFor()
  const hook = page.locator('.rows li').filter({ hasText: stamp })
  await hook.waitFor()
  await check()
  await hand.press(hook.getByRole('button', { name: /^Remove/ }))
  await hand.press(page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Remove' }))
  await hook.waitFor({ state: 'detached' })

  await at('projects')
  await hand.press(button('New project'))
  await hand.fill(page.getByLabel('Name', { exact: true }), `Shed ${stamp}`)
  await hand.press(page.locator('form').getByRole('button', { name: 'Make the project' }))
  const project = page.locator('.rows li').filter({ hasText: `Shed ${stamp}` })
  await project.waitFor()
  await check()

  await at('budgets')
  await page.waitForFunction((id) => [...document.querySelectorAll('option')].some((one) => one.value === `project ${id}`), visit.project)
  await hand.fill(page.getByLabel(/^Ceiling in US dollars/), '25')
  await hand.press(button('Save').first())
  await page.getByText('Saved.').first().waitFor()
  await check()
  await page.reload()
  await page.waitForFunction(() => [...document.querySelectorAll('input[type=number]')].some((one) => one.value === '25'))

  await at('packs')
  await hand.press(page.getByRole('button', { name: 'Samples' }).first())
  await hand.press(button('New sample'))
  const dialog = page.getByRole('dialog')
  await hand.fill(dialog.getByLabel('Name of the file'), `sample-${stamp}`)
  await check()
  await hand.press(dialog.getByRole('button', { name: 'Save' }))
  await dialog.waitFor({ state: 'detached' })
  await hand.fill(page.getByRole('searchbox'), `sample-${stamp}`)
  const sample = page.getByRole('button', { name: /^Edit: / })
  await page.waitForFunction(() => document.querySelectorAll('.opened .rows li').length === 1)
  await hand.press(sample)
  await hand.press(dialog.getByRole('button', { name: 'Remove' }))
  await dialog.waitFor({ state: 'detached' })
  await check()
  for (const section of ['notifications', 'workflows', 'people', 'audit', 'backup']) {
    await at(section)
    await check()
  }
}
